/**
 * A journal in a test: opened by one process after the other, each of which may be gone at any commit, before it took
 * place or after.
 *
 * The special rule: what outlives a process is what was committed, and what it did outside (`Outside.ts`). Of a process
 * that is gone nothing is committed, nothing is answered and nothing happens any more.
 *
 * Not here: the laws, and where a journal is kept (`*.laws.test.ts`).
 */
import { Cause, Clock, Context, Effect, Exit, Fiber, Layer, Option, Random, Scope } from "effect"
import { WebCrypto } from "effect/crypto/WebCrypto"
import type * as WorkflowEngine from "effect/workflow/WorkflowEngine"
import { Journal } from "firebreak/journal"
import { journalLayer, type JournalOptions } from "../../../../src/adapters/engine/openJournal.ts"
import type {
  CommitUncertain,
  JournalUnusable,
  Rejected,
  Store,
  StoreError,
  Visitor
} from "../../../../src/adapters/engine/Store.ts"
import { askedTooSoon, brokenRules, Committed } from "./Committed.ts"
import { mortalStore } from "./mortalStore.ts"
import { Outside, type Seen, World } from "./Outside.ts"
import { VirtualTime } from "./VirtualTime.ts"

/** Where journals of one kind are kept. */
export interface Harness {
  readonly name: string
  /** A journal is opened in no time: laws of many processes have more of them. */
  readonly isQuick: boolean
  /** A process is gone at each commit; where journals take long to open, at every second or third one. Default 1. */
  readonly everyCommit?: 1 | 2 | 3
  /** The first of them. Default 1. */
  readonly firstCommit?: 1 | 2
  /** A place for one journal; it is empty, and gone with the scope. */
  readonly place: Effect.Effect<Place, never, Scope.Scope>
}

export interface Place {
  /** Opens it as its only owner. */
  readonly open: Effect.Effect<Store, JournalUnusable, Scope.Scope>
  /** Opens it as somebody else's. */
  readonly visit: Effect.Effect<Visitor, JournalUnusable, Scope.Scope>
  /** From now on it is a copy of itself. */
  readonly copy: Effect.Effect<void>
  /** Changes what is recorded, behind everybody's back and while nobody owns it: SQL, or the same done by hand. */
  readonly spoil: (which: {
    readonly execution: number
    readonly n: number
    readonly data: string
  }) => Effect.Effect<void>
}

/** When a process is to be gone: at its commit number `commit`, counted from 1. */
export interface CrashPoint {
  readonly commit: number
  readonly when: "before" | "after"
}

export type Workflows = Layer.Layer<never, never, World | WorkflowEngine.WorkflowEngine | Journal>
export type Asked<A> = Effect.Effect<A, unknown, Journal | WorkflowEngine.WorkflowEngine | World>

export interface LifeOptions extends JournalOptions {
  readonly crash?: CrashPoint | undefined
  /** Put around each commit, by its number: faults of a store. */
  readonly around?: (
    number: number,
    commit: Effect.Effect<Rejected, StoreError | CommitUncertain>
  ) => Effect.Effect<Rejected, StoreError | CommitUncertain>
}

/** One process. */
export class Life {
  commits = 0
  isGone = false
  readonly seen: Array<Seen> = []
  readonly time: VirtualTime
  readonly options: LifeOptions
  readonly scope = Scope.makeUnsafe()
  context: Context.Context<Journal | WorkflowEngine.WorkflowEngine | World> = Context.empty() as never // sound: `TestJournal.open` sets it before anybody sees it
  constructor(time: VirtualTime, options: LifeOptions) {
    this.time = time
    this.options = options
  }

  /** Like `kill -9`. */
  crash(): void {
    this.isGone = true
  }

  /** Runs `effect` in this process, in virtual time, until it has ended; none if the process was gone before. */
  readonly attempt = <A, E>(
    effect: Effect.Effect<A, E, Journal | WorkflowEngine.WorkflowEngine | World>
  ): Effect.Effect<Option.Option<Exit.Exit<A, E>>> =>
    Effect.suspend(() => {
      const fiber = this.launch(effect)
      return Effect.promise(() => this.time.goOnUntil(() => this.isGone || fiber.pollUnsafe() !== undefined)).pipe(
        Effect.map(() => (this.isGone ? Option.none() : Option.some(fiber.pollUnsafe()!))),
        Effect.ensuring(Effect.sync(() => fiber.interruptUnsafe()))
      )
    })

  /** The same for what ends well, in a process that lives. */
  readonly do = <A>(effect: Asked<A>): Effect.Effect<A> =>
    Effect.flatMap(this.attempt(effect), (exit) => {
      if (Option.isNone(exit)) return Effect.die(new Error("the process was gone before it was done"))
      return Exit.isSuccess(exit.value) ? Effect.succeed(exit.value.value) : Effect.die(Cause.squash(exit.value.cause))
    })

  /** Begins something in this process; time goes on with `pass` and `do`. */
  launch<A, E>(effect: Effect.Effect<A, E, Journal | WorkflowEngine.WorkflowEngine | World>): Fiber.Fiber<A, E> {
    return Effect.runForkWith(this.context)(effect)
  }

  /** Time goes on, and all that happens in it. */
  readonly pass = (milliseconds: number): Effect.Effect<void> => Effect.promise(() => this.time.pass(milliseconds))
  /** Everything that can go on without time going on has. */
  readonly settle: Effect.Effect<void> = Effect.promise(() => this.time.quiet())

  /** The process ends in good order; or, if it is gone, what is left of it in this process of ours is cleared away. */
  readonly leave: Effect.Effect<void> = Effect.suspend(() => {
    const fiber = Effect.runForkWith(this.context)(Scope.close(this.scope, Exit.void))
    return Effect.promise(() => this.time.goOnUntil(() => fiber.pollUnsafe() !== undefined))
  })
}

export class TestJournal {
  readonly outside = new Outside()
  readonly committed = new Committed()
  /** What was done that must never be done. */
  readonly violations: Array<string> = []
  readonly time = new VirtualTime()
  readonly lives: Array<Life> = []
  /** What makes its keys its own. */
  namespace = ""
  readonly place: Place
  constructor(place: Place) {
    this.place = place
  }

  /** Opens the journal in a new process. The one before it is gone, unless it has left. */
  readonly open = (workflows: Workflows, options: LifeOptions = {}): Effect.Effect<Life, JournalUnusable> =>
    Effect.gen({ self: this }, function* () {
      const before = this.lives.at(-1)
      if (before !== undefined) yield* this.end(before)
      const life = new Life(this.time, options)
      this.lives.push(life)
      const store = yield* openFor(life, this.place)
      this.namespace = store.namespace
      const live = workflows.pipe(
        Layer.provideMerge(
          journalLayer(Effect.succeed(mortalStore(store, life, this.committed)), {
            grace: 0,
            onLost: () => {},
            ...options
          })
        ),
        Layer.provideMerge(Layer.succeed(World, worldOf(this, life)))
      )
      const around = Context.empty().pipe(
        Context.add(Clock.Clock, this.time),
        Context.add(WebCrypto, this.time.crypto),
        Context.add(Random.Random, seeded(this.lives.length))
      )
      life.context = Context.merge(around, yield* Effect.provideContext(Layer.buildWithScope(live, life.scope), around))
      return life
    })

  /** What is left of a process is cleared away; it commits nothing any more. */
  readonly end = (life: Life): Effect.Effect<void> =>
    Effect.suspend(() => {
      life.crash()
      return life.scope.state._tag === "Closed" ? Effect.void : Effect.andThen(life.settle, life.leave)
    })
}

/** Opens a place for a process. That it is closed takes real time, as its questions do, and is waited for like them. */
const openFor = ({ scope, time }: Life, place: Place): Effect.Effect<Store, JournalUnusable> =>
  Effect.gen(function* () {
    const ofStore = Scope.makeUnsafe()
    const close = Effect.suspend(() => {
      const closed = time.asks()
      return Effect.ensuring(Scope.close(ofStore, Exit.void), Effect.sync(closed))
    })
    yield* Scope.addFinalizer(scope, close)
    return yield* Scope.provide(place.open, ofStore)
  })

/** What is written down, for who reads the failure of a law. */
export const describe = (journal: TestJournal): string =>
  [...journal.committed.rows.values()]
    .map(({ name, seq, status }) => `${name} (${status}): ${journal.committed.kinds(seq).join(", ")}`)
    .join("\n")

/**
 * A journal of one's own in a test. At its end the test fails if anything was started before that was written down, or
 * if the events of an execution do not add up.
 */
export const testJournal = (harness: Harness): Effect.Effect<TestJournal, never, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.map(harness.place, (place) => new TestJournal(place)),
    (journal) => {
      const last = journal.lives.at(-1)
      const end = last === undefined ? Effect.void : journal.end(last)
      const broken = [...journal.violations, ...brokenRules(journal.committed)]
      if (broken.length === 0) return end
      return Effect.andThen(end, Effect.die(new Error(`${broken.join("; ")}\n${describe(journal)}`)))
    }
  )

const worldOf = ({ committed, outside, violations }: TestJournal, life: Life): World["Service"] => {
  const alive = Effect.suspend(() => (life.isGone ? Effect.never : Effect.void))
  const ask = (what: string, key: any, input: unknown = null) =>
    Effect.suspend((): Effect.Effect<any, any> => {
      if (life.isGone) return Effect.never
      const tooSoon = askedTooSoon(committed, outside, what)
      if (tooSoon !== undefined) violations.push(tooSoon)
      outside.asked.push({ what, key, input, at: life.time.now })
      const happens = Effect.andThen(
        alive,
        Effect.sync(() => outside.happens(what, key))
      )
      const crash = Effect.suspend(() => {
        life.crash()
        return Effect.never
      })
      return outside.answerTo(what)({ what, key, input, number: outside.asks(what), happens, crash })
    })
  return { outside, alive, ask, call: ask, see: (seen) => void (life.isGone ? 0 : life.seen.push(seen)) }
}

/** Chance that is the same in each run of a test. */
const seeded = (seed: number): Random.Random => {
  let state = seed * 0x9e3779b9
  const next = () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
  return { nextDoubleUnsafe: next, nextIntUnsafe: () => Math.floor(next() * Number.MAX_SAFE_INTEGER) }
}
