/**
 * Orders on a journal: each is run to its rest, or found as an earlier run left it.
 *
 * The special rule: an order is run once. Only one that was asked to be run again gets another run, and only if its last
 * one was refused, was cancelled or failed: everything was taken back then.
 *
 * Not here: what happens in a run (`workflows/ProcessOrder.ts`), and where it is written down (`adapters/engine`).
 */
import { Clock, Context, Data, Duration, Effect, type Exit, Layer, Result } from "effect"
import { type Order, type OrderId, type OrderResult, ProcessOrder } from "../../workflows/index.ts"
import {
  type ExecutionHistory,
  Journal,
  JournalLost,
  type Rest,
  type Status,
  type StoreError,
  TooLarge,
  type Why
} from "../engine/index.ts"

type OrderError = (typeof ProcessOrder)["errorSchema"]["Type"]

/** How an order came to rest. */
export interface OrderEnd {
  /** Whether this run of the command began it, found it unfinished, or found it ended. */
  readonly found: Rest<OrderResult, OrderError>["found"]
  /** `waiting`: all that can be done now is done, and it is not over. The journal goes on with it when it is time. */
  readonly status: Status | "waiting"
  readonly exit: Exit.Exit<OrderResult, OrderError> | undefined
  readonly why: Why | null
  /** The steps that were taken back, newest first. */
  readonly undone: ReadonlyArray<string>
}

/** An order of that id was run before, and it was not this one. */
export class OrderChanged extends Data.TaggedError("OrderChanged")<{
  readonly orderId: OrderId
  /** The fields that differ. */
  readonly differs: ReadonlyArray<string>
}> {
  override get message() {
    return `order ${this.orderId} was run before and was another one then: ${this.differs.join(", ")} ${
      this.differs.length === 1 ? "differs" : "differ"
    }`
  }
}

/** The journal does not take the order as it is. Nothing was tried. */
export class OrderUnrecordable extends Data.TaggedError("OrderUnrecordable")<{
  readonly orderId: OrderId
  readonly reason: string
}> {
  override get message() {
    return `order ${this.orderId} cannot be written down: ${this.reason}`
  }
}

export class Orders extends Context.Service<
  Orders,
  {
    /** Runs an order to its rest. With `again` one that was refused, was cancelled or failed is run once more. */
    readonly run: (
      order: Order,
      options?: { readonly again?: boolean }
    ) => Effect.Effect<OrderEnd, OrderChanged | OrderUnrecordable | JournalLost | StoreError>
    /** How many orders the journal has that are not over and need nobody: also those of other runs. */
    readonly unfinished: Effect.Effect<number, StoreError>
  }
>()("firebreak/Orders") {
  /**
   * Orders on a journal.
   *
   * **Details** — an order that needs nothing but time, more than `patience` (5 seconds) of it, counts as waiting: whoever
   * runs a file of orders is not kept by a gateway that will answer tomorrow.
   */
  static layer(options: { readonly patience?: Duration.Input } = {}): Layer.Layer<Orders, never, Journal> {
    return Layer.effect(
      Orders,
      Effect.gen(function* () {
        const patience = Duration.toMillis(options.patience ?? "5 seconds")
        return make(yield* Journal, patience, yield* Clock.currentTimeMillis)
      })
    )
  }
}

const make = (journal: Journal["Service"], patience: number, begun: number): Orders["Service"] => {
  // By its id: other workflows may have executions that are named like orders.
  const find = (order: Order, run: number) =>
    Effect.flatMap(ProcessOrder.executionId(payloadOf(order, run)), journal.show).pipe(
      Effect.catchTag(["ExecutionNotFound", "NameAmbiguous"], () => Effect.undefined)
    )

  /** Ends when an execution has to wait for longer than it is worth. */
  const waiting = Effect.fnUntraced(function* (order: Order, run: number): Effect.fn.Return<OrderEnd, StoreError> {
    for (;;) {
      yield* Effect.sleep(patience)
      const history = yield* find(order, run)
      if (history === undefined || !hasToWait(history, (yield* Clock.currentTimeMillis) + patience)) continue
      const undone = history.steps.filter(({ undo }) => undo === "undone").map(({ step }) => step)
      const found = history.startedAt < begun ? "resumed" : "new"
      return { found, status: "waiting", exit: undefined, why: history.why, undone: undone.reverse() }
    }
  })

  const runOnce = (order: Order, run: number) =>
    Effect.raceFirst(journal.run(ProcessOrder, payloadOf(order, run)), waiting(order, run)).pipe(
      Effect.catchTag("PayloadConflict", ({ differs }) =>
        Effect.fail(new OrderChanged({ orderId: order.id, differs: differs.filter((field) => field !== "run") }))
      ),
      Effect.catchDefect((defect): Effect.Effect<never, JournalLost | OrderUnrecordable> => {
        if (defect instanceof JournalLost) return Effect.fail(defect)
        const reason = defect instanceof Error && defect.cause instanceof TooLarge ? defect.cause : defect
        if (!(reason instanceof TooLarge)) return Effect.die(defect)
        return Effect.fail(new OrderUnrecordable({ orderId: order.id, reason: reason.message }))
      })
    )

  const run = Effect.fnUntraced(function* (order: Order, again: boolean) {
    for (let number = 1; ; number++) {
      const result = yield* Effect.result(runOnce(order, number))
      const mayBeOld = Result.isSuccess(result)
        ? isOldAndUndone(result.success)
        : result.failure._tag === "OrderChanged"
      if (!mayBeOld) return yield* Effect.fromResult(result)
      // Was it run again since? If not, is it to be now? Also as another order, such as one with a better card.
      if ((yield* find(order, number + 1)) !== undefined) continue
      const last = again ? yield* find(order, number) : undefined
      if (last === undefined || !undoneEnds.has(last.status)) return yield* Effect.fromResult(result)
    }
  })
  const unfinished = Effect.map(journal.counts, (counts) =>
    underWay.reduce((sum, status) => sum + (counts.get(status) ?? 0), 0)
  )
  return { run: (order, { again = false } = {}) => run(order, again), unfinished }
}

const payloadOf = (order: Order, run: number) => (run === 1 ? order : { ...order, run })

const underWay: ReadonlyArray<Status> = ["running", "suspended", "undoing"]

/** The ends after which nothing is left of an order: it may be run again. */
const undoneEnds: ReadonlySet<Status> = new Set<Status>(["refused", "cancelled", "failed"])

const isOldAndUndone = ({ found, status }: OrderEnd) =>
  found === "finished" && status !== "waiting" && undoneEnds.has(status)

const hasToWait = ({ status, wakeAt }: ExecutionHistory, until: number): boolean =>
  (status === "suspended" || status === "undoing") && wakeAt !== null && wakeAt > until
