/**
 * The world outside of a journal, as the laws see it: what steps did to it, in order, under which keys.
 *
 * The special rule: it outlives the processes, and a process that is gone does nothing to it any more. What it answers is
 * written in a script beforehand; without one, everything goes well.
 */
import { Context, Effect, Schema } from "effect"
import { Indeterminate, type StepKey, StepRunner, Unavailable } from "firebreak/workflows"

/** It did not happen: the one refusal of all steps in the laws. */
export class Sorry extends Schema.TaggedError<Sorry>()("Sorry", { why: Schema.String, left: Schema.Int }) {
  override get message() {
    return `sorry: ${this.why}, ${this.left} left`
  }
}

export type Failure = Sorry | Unavailable | Indeterminate

/** One call from inside, under way. */
export interface Call {
  readonly what: string
  readonly key: StepKey
  readonly input: unknown
  /** Which call of this kind it is, from 1. */
  readonly number: number
  /** It happens, now: is written in the books. */
  readonly happens: Effect.Effect<void>
  /** The process is gone in the middle of the call. */
  readonly crash: Effect.Effect<never>
}

/** How the outside answers a call. Whatever it gives or fails with, the step is told; nothing happens but `call.happens`. */
export type Answer = (call: Call) => Effect.Effect<any, any>

export class Outside {
  /** What was asked of it, each time: `"charge"`, `"charge"`, `"undo charge"`. */
  readonly asked: Array<{
    readonly what: string
    readonly key: StepKey
    readonly input: unknown
    readonly at: number
  }> = []
  /** What happened, each time. One key happens once, as at a gateway that remembers it. */
  readonly happened: Array<string> = []
  readonly times = new Map<string, number>()
  private readonly scripts = new Map<string, Array<Answer>>()
  private readonly always = new Map<string, Answer>()

  /** The next calls of this kind are answered so, one after the other; later ones go well. */
  script(what: string, ...answers: ReadonlyArray<Answer>): void {
    this.scripts.set(what, [...(this.scripts.get(what) ?? []), ...answers])
  }
  /** Every call of this kind is answered so, once its script is used up. */
  answer(what: string, answer: Answer): void {
    this.always.set(what, answer)
  }
  asks(what: string): number {
    return this.asked.filter((one) => one.what === what).length
  }
  keysOf(what: string): ReadonlyArray<StepKey> {
    return this.asked.filter((one) => one.what === what).map(({ key }) => key)
  }
  answerTo(what: string): Answer {
    return this.scripts.get(what)?.shift() ?? this.always.get(what) ?? well
  }
  happens(what: string, key: StepKey): void {
    const name = `${what} ${key}`
    const before = this.times.get(name) ?? 0
    this.times.set(name, before + 1)
    if (before === 0) this.happened.push(what)
  }
}

/** Something that the body of a story saw, and how much of the journal it had then. */
export interface Seen {
  readonly execution: string
  /** The same for all that was seen in one telling; a story that left memory is told again from its beginning. */
  readonly telling: unknown
  readonly event: number
  readonly what: string
}

/** The outside, from one process. */
export class World extends Context.Service<
  World,
  {
    readonly outside: Outside
    /** Calls the outside. It gives what the script says, or `what` with the number of the call. */
    readonly call: (what: string, key: StepKey, input?: unknown) => Effect.Effect<string, Failure>
    /** The same call by a look or by somebody else whose answer has another type. */
    readonly ask: (what: string, key: StepKey, input?: unknown) => Effect.Effect<any, any>
    readonly see: (seen: Seen) => void
    /** Never goes on in a process that is gone. */
    readonly alive: Effect.Effect<void>
  }
>()("test/World") {}

/** What the body of a story sees is kept, to be compared with what it sees when it is told again. */
export const see = (what: string): Effect.Effect<void, never, World> =>
  Effect.withFiber((fiber) => {
    const world = Context.get(fiber.context as Context.Context<World>, World) // sound: the type of the effect asks for it
    // sound: in a body the runner of steps is its story; only the number of the last event is read
    const story = fiber.getRef(StepRunner) as unknown as { run: { history: { last: number }; row: { id: string } } }
    world.see({ execution: story.run.row.id, telling: story.run, event: story.run.history.last, what })
    return Effect.void
  })

// ── Answers ──────────────────────────────────────────────────────────────────────────────────────────────────────────

/** It happens, and says so. */
export const well: Answer = ({ happens, number, what }) => Effect.as(happens, `${what} ${number}`)
/** It happens after a while. */
export const slowly =
  (milliseconds: number, answer: Answer = well): Answer =>
  (call) =>
    Effect.andThen(Effect.sleep(milliseconds), answer(call))
/** It happens, and nobody hears of it. */
export const happensAnd =
  (then: Effect.Effect<any, any>): Answer =>
  ({ happens }) =>
    Effect.andThen(happens, then)
/** It does not happen. */
export const fails =
  (error: unknown): Answer =>
  () =>
    Effect.fail(error)
export const gives =
  (value: unknown): Answer =>
  ({ happens }) =>
    Effect.as(happens, value)
export const refuses: Answer = fails(new Sorry({ why: "none", left: 3 }))
export const unavailable: Answer = fails(new Unavailable({ reason: "no line" }))
/** It happens, and the process is gone before it hears of it. */
export const happensAndCrashes: Answer = ({ crash, happens }) => Effect.andThen(happens, crash)
/** The process is gone before it happens. */
export const crashes: Answer = ({ crash }) => crash
