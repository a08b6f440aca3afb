/**
 * A journal from its opening to its leaving: the engine on a store, its inbox, and the layer that provides both.
 *
 * The special rule: leaving is not cancelling. Nothing new begins, what runs may come to its record within the grace
 * time, and everything else is left as it is written, for whoever opens the journal next.
 */
import { Context, Effect, Layer } from "effect"
import type { Scope } from "effect"
import * as WorkflowEngine from "effect/workflow/WorkflowEngine"
import { Engine } from "./Engine.ts"
import { Journal } from "./Journal.ts"
import { makeJournal } from "./makeJournal.ts"
import { type Answer, carryOut } from "./requests.ts"
import type { JournalUnusable, Request, Store } from "./Store.ts"
import { makeWorkflowEngine } from "./workflowEngine.ts"

export interface JournalOptions {
  /** The largest payload, input or result that is written down, in characters. Default 1,048,576. */
  readonly limit?: number
  /** How many executions that were found unfinished are in memory at once. Default 512. */
  readonly recovering?: number
  /** How long running steps may take to come to their record when the journal is closed, in milliseconds. Default 5,000. */
  readonly grace?: number
}

/** The layer of a journal that is kept in `store`. */
export const journalLayer = (
  store: Effect.Effect<Store, JournalUnusable, Scope.Scope>,
  options: JournalOptions = {}
): Layer.Layer<Journal | WorkflowEngine.WorkflowEngine, JournalUnusable> =>
  Layer.effectContext(
    Effect.gen(function* () {
      const engine = yield* openEngine(yield* store, options)
      return Context.make(Journal, makeJournal(engine)).pipe(
        Context.add(WorkflowEngine.WorkflowEngine, engine.workflowEngine)
      )
    })
  )

export const openEngine = (store: Store, options: JournalOptions): Effect.Effect<Engine, never, Scope.Scope> =>
  Effect.gen(function* () {
    const context = yield* Effect.context<never>()
    const engine = new Engine(store, context, {
      limit: options.limit ?? 1_048_576,
      recovering: options.recovering ?? 512,
      lingering: 200
    })
    engine.workflowEngine = makeWorkflowEngine(engine)
    const inbox = new InboxReader(engine)
    engine.onCreated = (run) => inbox.created(run.row.id)
    yield* store.inbox.onRequest(() => inbox.read())
    yield* Effect.addFinalizer(() => leave(engine, options.grace ?? 5000))
    return engine
  })

/** Carries out what others ask for, each once it is found, and answers. */
class InboxReader {
  private readonly engine: Engine
  private readonly inHand = new Set<number>()
  /** Signals for executions that do not exist yet. */
  private readonly early = new Map<string, Array<Request>>()
  private isReading = false
  private readAgain = false

  constructor(engine: Engine) {
    this.engine = engine
  }

  read(): void {
    if (this.isReading) {
      this.readAgain = true
      return
    }
    this.isReading = true
    this.readAfter(0)
  }

  private readAfter(after: number): void {
    const { engine } = this
    if (engine.isClosed) return
    engine.asking.ask(engine.store.inbox.pending(after, 100), (requests) => {
      for (const request of requests) if (!this.inHand.has(request.seq)) this.carryOut(request)
      const last = requests.at(-1)
      if (requests.length === 100 && last !== undefined) return this.readAfter(last.seq)
      this.isReading = false
      if (!this.readAgain) return
      this.readAgain = false
      this.read()
    })
  }

  private carryOut(request: Request): void {
    const { engine } = this
    this.inHand.add(request.seq)
    const answer = (answer: Answer) => {
      if ("missing" in answer && request.kind === "signal") {
        const others = this.early.get(request.execution)
        if (others === undefined) this.early.set(request.execution, [request])
        else others.push(request)
        return
      }
      engine.asking.ask(engine.store.inbox.answer(request.seq, JSON.stringify(answer)), () => void this.inHand.delete(request.seq))
    }
    try {
      carryOut(engine, request, answer)
    } catch (problem) {
      answer({ refused: `the request cannot be read: ${String(problem)}` })
    }
  }

  created(id: string): void {
    const early = this.early.get(id)
    if (early === undefined) return
    this.early.delete(id)
    queueMicrotask(() => early.forEach((request) => this.carryOut(request)))
  }
}

const leave = (engine: Engine, grace: number): Effect.Effect<void> =>
  Effect.callback<void>((resume) => {
    if (engine.isClosed) return resume(Effect.void)
    engine.leave(grace, () => resume(Effect.void))
  })
