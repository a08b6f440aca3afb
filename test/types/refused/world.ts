/**
 * The small world in which the wrong programs live: three things that fail, each in its own way.
 */
import { Context, Effect, Schema } from "effect"

export class PaymentDeclined extends Schema.TaggedError<PaymentDeclined>()("PaymentDeclined", {
  reason: Schema.String
}) {}
export class OutOfStock extends Schema.TaggedError<OutOfStock>()("OutOfStock", { sku: Schema.String }) {}
export class SmtpDown extends Schema.TaggedError<SmtpDown>()("SmtpDown", { host: Schema.String }) {}

export class Payment extends Schema.Class<Payment>("Payment")({ id: Schema.String }) {}

export class Bank extends Context.Service<
  Bank,
  { readonly charge: (order: string) => Effect.Effect<Payment, PaymentDeclined> }
>()("Bank") {}

export const charge = (order: string) => Bank.use((bank) => bank.charge(order))
export const reserve = (sku: string): Effect.Effect<number, OutOfStock> => new OutOfStock({ sku })
export const sendMail: Effect.Effect<void, SmtpDown> = new SmtpDown({ host: "mail.example.com" })
export const mailAndReserve = Effect.andThen(sendMail, reserve("MUG-1"))
export const tick: Effect.Effect<void> = Effect.void
