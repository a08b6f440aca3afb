/**
 * The words of our compiler messages.
 *
 * A parameter whose type becomes one string literal makes TypeScript print that sentence instead of a page of
 * mismatched properties. These types make the sentences; they are evaluated only in programs that are wrong.
 *
 * Not here: where a sentence is asked for. That stands on the parameter it refuses.
 */

type Last<U> = (U extends unknown ? (f: (u: U) => void) => void : never) extends (f: infer F) => void
  ? F extends (u: infer L) => void
    ? L
    : never
  : never

/** `"A" | "B"` becomes `"A | B"`: one message instead of a union of messages. */
export type Join<U extends string, L = Last<U>> = L extends string
  ? [Exclude<U, L>] extends [never]
    ? L
    : `${Join<Exclude<U, L>>} | ${L}`
  : never

type Tag<E> = [unknown] extends [E]
  ? "an unknown error (point-free? write (job) => scope.launch(job))"
  : E extends { readonly _tag: infer T extends string }
    ? T
    : "an error without a _tag"

/** The tags of an error union, in words: `Tags<PaymentDeclined | OutOfStock>` is `"OutOfStock | PaymentDeclined"`. */
export type Tags<E> = Join<Tag<E>>
