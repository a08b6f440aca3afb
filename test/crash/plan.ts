/**
 * What becomes of an order in the crash run, decided beforehand by the seed: what its story does, and what others do to it.
 *
 * Not here: the story (`orders.ts`), the outside (`Outside.ts`), and who signals and cancels (`others.ts`).
 */
import { Schema } from "effect"

/** The payload of an order: what its story does. */
export const Plan = Schema.Struct({
  id: Schema.String,
  /** Sleeps durably for so many milliseconds. */
  sleep: Schema.Int,
  /** Waits for a word from outside, for as long as it takes or not for long. */
  word: Schema.Literals(["none", "waits", "hurries"]),
  /** Opens an inner scope whose first try fails and is caught. */
  holds: Schema.Boolean,
  /** Has a parcel packed, by a child. */
  parcel: Schema.Literals(["none", "sent", "refused"]),
  /** There is nothing on the shelf. */
  refused: Schema.Boolean
})
export type Plan = typeof Plan.Type

/** What others do to it. Times are milliseconds after it was acknowledged; before it was started where negative. */
export interface Errands {
  /** Whether somebody waits for its end, in each life again. Otherwise it ends by itself. */
  readonly isAttended: boolean
  readonly words: ReadonlyArray<{ readonly after: number; readonly word: string }>
  readonly cancel: number | undefined
}

export interface Planned {
  readonly plan: Plan
  readonly errands: Errands
}

export const plannedOrder = (seed: number, number: number): Planned => {
  const id = `o${number}`
  const chance = (what: string) => chanceOf(seed, id, what)
  const is = (what: string, part: number) => chance(what) < part
  const word = is("word", 0.3) ? (is("hurry", 0.4) ? "hurries" : "waits") : "none"
  const isForgotten = word === "waits" && is("forgotten", 0.15)
  const hears = !isForgotten && (word === "none" ? is("stray", 0.05) : true)
  const late = Math.floor(chance("late") * 300)
  const early = is("early", 0.3) ? [{ after: -1, word: "early" }] : []
  const plan: Plan = {
    id,
    sleep: is("sleeps", 0.6) ? 1 + Math.floor(chance("sleep") * 200) : 0,
    word,
    holds: is("holds", 0.3),
    parcel: is("parcel", 0.3) ? (is("parcel refused", 0.25) ? "refused" : "sent") : "none",
    refused: is("refused", 0.25)
  }
  const errands: Errands = {
    isAttended: !is("unattended", 0.25),
    words: hears ? [...early, ...(early.length === 0 || is("twice", 0.5) ? [{ after: late, word: "late" }] : [])] : [],
    cancel: isForgotten || is("cancelled", 0.12) ? Math.floor(chance("cancel") * 400) : undefined
  }
  return { plan, errands }
}

/** What an order ends as if nobody cancels it. */
export const naturalEnd = ({ errands, plan }: Planned): "completed" | "refused" | "never" =>
  plan.word === "waits" && errands.words.length === 0
    ? "never"
    : plan.refused || plan.parcel === "refused"
      ? "refused"
      : "completed"

/** A number between 0 and 1 that is the same for the same seed and names. */
export const chanceOf = (seed: number, ...names: ReadonlyArray<string | number>): number => {
  let state = seed ^ 0x9e3779b9
  for (const character of names.join("\n")) {
    state = Math.imul(state ^ character.charCodeAt(0), 0x01000193)
    state ^= state >>> 15
  }
  let t = Math.imul(state ^ (state >>> 15), 1 | state)
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296
}
