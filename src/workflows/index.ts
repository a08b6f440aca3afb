/**
 * Workflows: the stories and the words of the domain. Table of contents.
 */
export {
  InventoryUnavailable,
  NotificationFailed,
  OutOfStock,
  PaymentDeclined,
  PaymentUnavailable,
  PaymentVoided,
  RefundRefused
} from "./errors.ts"
export { Currency, digitsOf, InvalidAmount, Money } from "./Money.ts"
export { Customer, EmailAddress, Order, OrderId, OrderLine, PaymentMethod, Sku } from "./Order.ts"
export { Notification, NotSent, OrderResult, PaymentId, PerhapsSent, ReservationId, Sent } from "./OrderResult.ts"
export { nameOfRun, OrderRun, RunNumber } from "./OrderRun.ts"
export {
  type Absent,
  type Done,
  Found,
  Indeterminate,
  OutcomeUnknown,
  type Refused,
  StepGaveUp,
  Unavailable,
  type Unknown
} from "./outcomes.ts"
export * from "./ports/index.ts"
export { ProcessOrder } from "./ProcessOrder.ts"
export {
  type GivesUp,
  type Leaves,
  type LookThatFinds,
  Step,
  type StepOptions,
  type StepRetry,
  type StepSchema,
  type StepUndo
} from "./Step.ts"
export type { Look, RetryPolicy, StepDefinition, UndoDefinition, Written } from "./StepDefinition.ts"
export { StepKey } from "./StepKey.ts"
export type { StepName } from "./stepMessages.ts"
export {
  StepDefinedInside,
  StepInputUnusable,
  StepNeedsJournal,
  StepUnusable,
  StepValueUnusable
} from "./stepMistakes.ts"
export { type RunsSteps, StepRunner } from "./StepRunner.ts"
export { stepsNamed } from "./stepsNamed.ts"
