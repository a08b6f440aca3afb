/**
 * Stories made by chance: scopes in jobs in scopes, whose parts end in every way there is; and what must hold of each.
 *
 * What a story does is written down as it happens. `violations` is what the laws say against it afterwards.
 */
import { Cause, Effect, Exit, Option } from "effect"
import type { CoroutineScope, coroutineScope, supervisorScope, SupervisorScope } from "firebreak/supervision"
import { failuresOf } from "firebreak/supervision"
import type { Chance } from "./shuffled.ts"

interface Scopes {
  readonly coroutineScope: typeof coroutineScope
  readonly supervisorScope: typeof supervisorScope
}

/** What a body may do with a job that it launched. */
const deeds = ["cancel", "cancelAndJoin", "settled", "settled", "join", "await", "nothing", "nothing"] as const

export class Fault {
  readonly _tag = "Fault"
  readonly job: number
  constructor(job: number) {
    this.job = job
  }
}

/** What failed in a scope: jobs that ended so, and what the body was about to fail with (it may have been cancelled first). */
interface Failures {
  readonly ended: Array<Fault | "defect">
  body: Fault | undefined
}

export class AnyStory {
  readonly violations: Array<string> = []
  private readonly started = new Map<number, number>()
  private readonly closed = new Map<number, number>()
  private jobs = 0
  private readonly random: Chance
  private readonly scopes: Scopes
  constructor(random: Chance, scopes: Scopes) {
    this.random = random
    this.scopes = scopes
  }

  /** A scope of either kind, a few levels deep. */
  scope(depth: number): Effect.Effect<void, Fault> {
    return Effect.suspend(() => {
      const mine: Array<number> = []
      const failed: Failures = { ended: [], body: undefined }
      const failFast = this.random.in(60)
      const scope = failFast ? this.failFast(depth, mine, failed) : this.supervised(depth, mine, failed)
      return Effect.onExit(scope, (exit) => Effect.sync(() => this.completed(failFast, mine, failed, exit)))
    })
  }

  private failFast(depth: number, mine: Array<number>, failed: Failures): Effect.Effect<void, Fault> {
    const self = this
    return this.scopes.coroutineScope(function* (scope) {
      const jobs = []
      for (let n = self.random.below(4); n >= 0; n--) {
        jobs.push(yield* scope.async(self.job(depth, mine, failed, scope)))
        if (self.random.in(30)) yield* self.pause()
      }
      for (const job of jobs) {
        const deed = self.random.pick(deeds)
        if (deed === "await") {
          if ((yield* job.status) !== "cancelled") yield* job.await
        } else if (deed !== "nothing") yield* job[deed]
      }
      if (self.random.in(10)) return yield* Effect.fail((failed.body = new Fault(-++self.jobs)))
    })
  }

  private supervised(depth: number, mine: Array<number>, failed: Failures): Effect.Effect<void, Fault> {
    const self = this
    return this.scopes.supervisorScope(function* (scope: SupervisorScope) {
      const jobs = []
      for (let n = self.random.below(4); n >= 0; n--) {
        if (self.random.in(30)) {
          yield* scope.launch(self.job(depth, mine, { ended: [], body: undefined }), { onFailure: () => self.pause() })
        } else jobs.push(yield* scope.async(self.job(depth, mine, { ended: [], body: undefined })))
        if (self.random.in(30)) yield* self.pause()
      }
      for (const job of jobs) {
        if (self.random.in(20)) yield* job.cancel
        else if (self.random.in(60)) yield* Effect.exit(job.await)
      }
      if (self.random.in(10)) return yield* Effect.fail((failed.body = new Fault(-++self.jobs)))
    })
  }

  /** One job: some steps, perhaps a scope or a job of its own, an end of any kind, and a finalizer that takes its time. */
  private job(
    depth: number,
    mine: Array<number>,
    failed: Failures,
    scope?: CoroutineScope
  ): Effect.Effect<void, Fault> {
    const id = ++this.jobs
    const self = this
    mine.push(id)
    const work = Effect.gen(function* () {
      yield* self.pause()
      if (depth > 0 && self.random.in(40)) {
        const inner = self.scope(depth - 1)
        yield* self.random.in(50) ? Effect.exit(inner) : inner
      }
      if (scope !== undefined && self.random.in(25)) yield* launchBelow(scope, self.job(0, mine, failed))
      yield* self.pause()
      if (self.random.in(20)) return yield* Effect.fail(new Fault(id))
      if (self.random.in(8)) return yield* Effect.die(`defect of ${id}`)
      if (self.random.in(8)) return yield* Effect.interrupt
    })
    const body = self.random.in(15) ? Effect.uninterruptible(work) : work
    const closing = Effect.acquireUseRelease(
      Effect.sync(() => self.count(self.started, id)),
      () => body,
      () =>
        Effect.andThen(
          self.pause(),
          Effect.sync(() => self.count(self.closed, id))
        )
    )
    return Effect.onExit(closing, (exit) =>
      Effect.sync(() => {
        if (Exit.isSuccess(exit) || Cause.hasInterruptsOnly(exit.cause)) return
        failed.ended.push(Option.getOrElse(Cause.findErrorOption(exit.cause), () => "defect" as const))
      })
    )
  }

  private pause(): Effect.Effect<void> {
    return Effect.suspend(() => {
      const turns = this.random.below(4)
      return turns === 0 ? Effect.void : Effect.repeat(Effect.yieldNow, { times: turns - 1 })
    })
  }

  private count(map: Map<number, number>, id: number): void {
    map.set(id, (map.get(id) ?? 0) + 1)
  }

  private completed(
    failFast: boolean,
    mine: ReadonlyArray<number>,
    failed: Failures,
    exit: Exit.Exit<void, Fault>
  ): void {
    for (const id of mine) {
      const started = this.started.get(id) ?? 0
      const closed = this.closed.get(id) ?? 0
      if (started > 1) this.violations.push(`job ${id} was started ${started} times`)
      if (started !== closed)
        this.violations.push(`job ${id}: started ${started}, closed ${closed} when its scope completed`)
    }
    if (Exit.isSuccess(exit)) {
      if (failFast && failed.ended.length > 0)
        this.violations.push("a fail-fast scope succeeded although a part of it failed")
      return
    }
    if (failed.ended.length === 0 && failed.body === undefined) {
      const told = failuresOf(exit.cause).map((failure) => String(Cause.squash(failure.cause)))
      if (told.some((text) => text.includes("Fault")))
        this.violations.push(`failed with what nobody failed with: ${told}`)
      return
    }
    const error = Option.getOrUndefined(Cause.findErrorOption(exit.cause))
    if (error !== undefined && !failed.ended.includes(error) && failed.body !== error) {
      this.violations.push(`failed with the failure of job ${error.job}, which is none of its own`)
    }
    const typedFirst = failuresOf(exit.cause)[0]?.cause.reasons.some(Cause.isFailReason)
    if (typedFirst === true && error === undefined)
      this.violations.push("its first failure is typed and cannot be caught")
  }
}

/** A launch from inside a job; the story's jobs declare their failures already, so its mark adds nothing to the types. */
const launchBelow = (scope: CoroutineScope, job: Effect.Effect<void, Fault>): Effect.Effect<unknown> =>
  scope.launch(job) as Effect.Effect<unknown>
