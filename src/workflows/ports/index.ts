/**
 * What the stories need from the world outside. Table of contents.
 */
export { Inventory, type Release, Reservation, type Wanted } from "./Inventory.ts"
export { type Letter, Notifications } from "./Notifications.ts"
export { type Charge, Payment, PaymentGateway, type Refund } from "./PaymentGateway.ts"
