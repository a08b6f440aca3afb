/**
 * What a story has asked for, while something is done about it outside.
 *
 * The special rule: it begins only after its row has been committed, and it ends by arriving in the inbox of its
 * execution, once.
 */
import type { Told } from "./History.ts"

export interface LiveCall {
  /** Its row has been committed: the effect may begin. */
  begin(): void
  /** It was begun in an earlier life. */
  resume(): void
  /** Nobody in the story waits for it any more. It still has to come to an end, and says so; not begun, it does not begin. */
  cancel(): void
  /** When it needs the process again, if all it does is wait; `undefined` while it does anything. */
  readonly waitsUntil: number | undefined
  /** A person has to say something before it can go on. */
  readonly needsPerson: boolean
  /** It leaves memory with its execution. */
  leave(): void
}

/** Something has happened that a story is to be told. */
export interface Arrival {
  readonly kind: Told
  readonly call: number | null
  readonly subject: string | null
  readonly data: string | null
  /** Runs when it has been told and committed; with `false` if there was nobody to tell any more. */
  readonly told?: (told: boolean) => void
}
