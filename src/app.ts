/**
 * The one file that knows every room: which adapters fulfil the ports, and which engine runs the stories.
 *
 * The special rule: nothing else in the house names an adapter and a story in one breath.
 *
 * What the command says of orders, files, faults and journals it takes from here as well, so that it knows one room only.
 *
 * Not here: what a person types and reads (`cli/`).
 */
import path from "node:path"
import { Effect, Layer, Option, type Scope } from "effect"
import {
  type JournalUnusable,
  type JournalVisit,
  layerPostgres,
  layerSqlite,
  type Status,
  type StoreError,
  visitPostgres,
  visitSqlite
} from "./adapters/engine/index.ts"
import { openVisitor } from "./adapters/engine/stores/sqlite/openVisitor.ts"
import { Orders } from "./adapters/orders/Orders.ts"
import { layerFile, Ledger, OutsideUnusable, type SimulatedOptions } from "./adapters/simulated/index.ts"
import { ProcessOrder } from "./workflows/index.ts"

export { OrderFileUnusable, OrderIndex, readOrders } from "./adapters/order-files/index.ts"
export type { Accepted, ReadOrder, Rejected, Skipped } from "./adapters/order-files/index.ts"
export { OrderChanged, type OrderEnd, Orders, OrderUnrecordable } from "./adapters/orders/Orders.ts"
export { Ledger, parseFaults, parseStock, type SimulatedOptions, type Stock } from "./adapters/simulated/index.ts"
export type {
  JournalLost,
  JournalUnusable,
  CancelReceipt,
  ExecutionHistory,
  ExecutionSummary,
  JournalVisit,
  Pending,
  Status,
  StepView,
  StoreError,
  Verdict,
  Why
} from "./adapters/engine/index.ts"
export { FailureRecorder, failureTraceSvg, withJobPath } from "./supervision/index.ts"
export {
  type Currency,
  digitsOf,
  type Money,
  nameOfRun,
  type Notification,
  type Order,
  OrderId
} from "./workflows/index.ts"

/** How long running steps may take to come to their record when a run leaves, in milliseconds. */
const grace = 2_000

/** Where orders are written down unless somebody says otherwise. */
export const defaultJournal = path.join(".firebreak", "journal.db")

/**
 * Orders on a journal, in a simulated world that keeps its own books: `outside.db` beside `journal.db`, and
 * `shop.outside.db` beside any other `shop.db`.
 *
 * **Gotchas** — the books belong to the world outside. Removing the journal and not them, or them and not the journal, is
 * like losing one's memory while the bank keeps its own.
 */
export const ordersOn = (
  journal: string,
  { stock = new Map(), ...options }: SimulatedOptions
): Layer.Layer<Orders | Ledger, JournalUnusable | OutsideUnusable> => {
  const file = outsideOf(journal)
  // Counted when the journal is ours, and before any order is: a run that is turned away has changed nothing.
  const counted = Ledger.use((ledger) => ledger.count(stock)).pipe(
    Effect.mapError(({ reason }) => new OutsideUnusable({ file, reason })),
    Layer.effectDiscard
  )
  return Layer.provideMerge(Orders.layer(), ProcessOrder.layer).pipe(
    Layer.provideMerge(counted),
    // The books are opened after the journal, and so made only where it could be.
    Layer.provideMerge(layerFile({ ...options, file })),
    Layer.provideMerge(
      isPostgres(journal) ? layerPostgres({ url: journal, grace }) : layerSqlite({ file: journal, grace })
    )
  )
}

/** Opens a journal to read it and to ask its owner. */
export const visit = (journal: string): Effect.Effect<JournalVisit, JournalUnusable, Scope.Scope> =>
  isPostgres(journal) ? visitPostgres(journal) : visitSqlite(journal)

/** Whether some process owns a journal just now. */
export const isOwned = (journal: string): Effect.Effect<boolean, JournalUnusable | StoreError> =>
  (isPostgres(journal) ? visitorInPostgres(journal) : openVisitor(journal)).pipe(
    Effect.flatMap(({ owner }) => Effect.map(owner, Option.isSome)),
    Effect.scoped
  )

/** The driver is loaded when it is needed. */
const visitorInPostgres = (journal: string) =>
  Effect.flatMap(
    Effect.promise(() => import("./adapters/engine/stores/postgres/index.ts")),
    (postgres) => postgres.openVisitor(journal)
  )

/** A journal as it may be shown to anybody: without a password. */
export const journalName = (journal: string): string => {
  if (!isPostgres(journal)) return journal
  if (!URL.canParse(journal)) return "the journal in PostgreSQL"
  const url = new URL(journal)
  url.password = ""
  for (const secret of ["password", "sslpassword"]) url.searchParams.delete(secret)
  return url.href
}

/**
 * What is neither a file nor an address of PostgreSQL, as far as it may be shown: its scheme, if there is one. Taken for
 * the name of a file it would put the password of an address on the disk.
 */
export const noJournal = (journal: string): string | undefined => {
  if (journal.trim() === "") return journal
  if (isPostgres(journal) || !/:\/\/|^\s*postgres(ql)?:|:[^/\\]*@/i.test(journal)) return undefined
  const scheme = /^\s*([a-z][a-z0-9+.-]*:\/\/|postgres(ql)?:)/i.exec(journal)?.[1]
  return scheme === undefined ? "…" : `${scheme}…`
}

/** How far an execution can be, in the order in which lists tell it. */
export const statuses: ReadonlyArray<Status> = [
  "running",
  "suspended",
  "undoing",
  "stuck",
  "blocked",
  "completed",
  "refused",
  "failed",
  "cancelled"
]
export const isStatus = (word: string): word is Status => statuses.some((status) => status === word)

const isPostgres = (journal: string): boolean => /^\s*postgres(ql)?:\/\//i.test(journal)

const outsideOf = (journal: string): string => {
  if (isPostgres(journal)) return path.join(path.dirname(defaultJournal), "outside.db")
  const { dir, name } = path.parse(journal)
  return path.join(dir, name === "journal" ? "outside.db" : `${name}.outside.db`)
}
