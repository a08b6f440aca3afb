/**
 * Workflows: the stories and the words of the domain. Table of contents.
 */
export {
  InventoryUnavailable,
  NotificationFailed,
  OrderStuck,
  OutOfStock,
  PaymentDeclined,
  PaymentUnavailable,
  RefundRefused,
  RefundUnavailable
} from "./errors.ts"
export { Currency, digitsOf, InvalidAmount, Money } from "./Money.ts"
export { Customer, EmailAddress, Order, OrderId, OrderLine, PaymentMethod, Sku } from "./Order.ts"
export { Notification, NotSent, OrderResult, PaymentId, ReservationId, Sent } from "./OrderResult.ts"
export * from "./ports/index.ts"
export { ProcessOrder } from "./ProcessOrder.ts"
export { StepUndone } from "./step.ts"
export { StepKey, stepKey } from "./StepKey.ts"
