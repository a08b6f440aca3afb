/**
 * What the stories need from the world outside. Table of contents.
 */
export { Inventory, Reservation, Wanted } from "./Inventory.ts"
export { Letter, Notifications } from "./Notifications.ts"
export { Charge, NotTaken, Payment, PaymentGateway } from "./PaymentGateway.ts"
