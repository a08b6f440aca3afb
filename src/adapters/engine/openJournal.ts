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
import { InboxReader } from "./InboxReader.ts"
import { Journal } from "./Journal.ts"
import { hasLeft, leave, leaving } from "./leaving.ts"
import { makeJournal } from "./makeJournal.ts"
import type { JournalUnusable, OwnershipLost, Store, StoreBroken } from "./Store.ts"
import { makeWorkflowEngine } from "./workflowEngine.ts"

export interface JournalOptions {
  /** The largest payload, input or result that is written down, in characters. Default 1,048,576. */
  readonly limit?: number
  /** How many executions that were found unfinished are in memory at once. Default 512. */
  readonly recovering?: number
  /** How long running steps may take to come to their record when the journal is closed, in milliseconds. Default 5,000. */
  readonly grace?: number
  /**
   * Runs when the journal can be written no more: it is damaged or its device failed (`StoreBroken`), or somebody else
   * owns it now (`OwnershipLost`). Those who wait have been told. By default a broken journal ends the process, with exit
   * code 74, because nothing that it says from then on can be trusted; a lost one is logged.
   */
  readonly onLost?: (error: OwnershipLost | StoreBroken) => void
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
      lingering: 200,
      grace: options.grace ?? 5000
    })
    engine.workflowEngine = makeWorkflowEngine(engine)
    const onLost: Engine["onLost"] = (error) => {
      engine.asking.log(Effect.logFatal(error.message))
      if (options.onLost !== undefined) options.onLost(error)
      else if (error._tag === "StoreBroken") setImmediate(() => process.exit(74))
    }
    engine.onLost = onLost
    const inbox = new InboxReader(engine)
    const onCreated: Engine["onCreated"] = (run) => inbox.created(run.row.id)
    engine.onCreated = onCreated
    const whenCarriedOut: Engine["whenCarriedOut"] = (execution, then) => inbox.whenCarriedOut(execution, then)
    engine.whenCarriedOut = whenCarriedOut
    yield* store.inbox.onRequest(() => inbox.read())
    // What was asked while nobody owned the journal.
    inbox.read()
    yield* Effect.addFinalizer(() => {
      const left = leaving(engine, (left) => leave(engine, left))
      return Effect.andThen(
        left,
        Effect.sync(() => hasLeft(engine))
      )
    })
    return engine
  })
