/**
 * Journals by where they are kept: to own one, or to visit one that somebody else may own.
 *
 * Not here: what a journal does (`Journal.ts`), and the stores themselves (`stores/`).
 */
import { Effect } from "effect"
import type { Layer, Redacted, Scope } from "effect"
import type * as WorkflowEngine from "effect/workflow/WorkflowEngine"
import type { Journal, JournalVisit } from "./Journal.ts"
import { makeVisitor } from "./makeJournal.ts"
import { journalLayer, type JournalOptions } from "./openJournal.ts"
import { makeMemoryData, type MemoryData } from "./stores/memory/MemoryData.ts"
import { makeMemoryStore } from "./stores/memory/makeMemoryStore.ts"
import { makeSqliteStore } from "./stores/sqlite/makeSqliteStore.ts"
import { openVisitor } from "./stores/sqlite/openVisitor.ts"
import type { JournalUnusable } from "./Store.ts"

export type JournalLayer = Layer.Layer<Journal | WorkflowEngine.WorkflowEngine, JournalUnusable>

/** In memory: for tests and for trying things out. What outlives the layer is `data`. */
export const layerMemory = (options: JournalOptions & { readonly data?: MemoryData } = {}): JournalLayer =>
  journalLayer(makeMemoryStore(options.data ?? makeMemoryData()), options)

/**
 * In a SQLite file, which is created where there is none.
 *
 * **Gotchas** — one process owns a journal; a second one that opens it is refused, with the name of the first.
 */
export const layerSqlite = (options: JournalOptions & { readonly file: string }): JournalLayer =>
  journalLayer(makeSqliteStore({ file: options.file }), options)

/**
 * In a PostgreSQL database, whose tables are created where there are none.
 *
 * **Details** — `url` is `postgres://user:password@host:port/database`; the password is never shown. The driver is loaded
 * when the layer is built.
 *
 * **Gotchas** — one process owns a journal. `takeOver` takes it from one that is frozen or out of reach: what that one
 * writes from then on is refused. A proxy that shares sessions between transactions is refused.
 */
export const layerPostgres = (
  options: JournalOptions & { readonly url: string | Redacted.Redacted; readonly takeOver?: boolean }
): JournalLayer => {
  const { takeOver, url } = options
  const store = Effect.flatMap(Effect.promise(postgres), ({ makePostgresStore }) =>
    makePostgresStore({ url, ...(takeOver === undefined ? {} : { takeOver }) })
  )
  return journalLayer(store, options)
}

const postgres = () => import("./stores/postgres/index.ts")

/** How long a visitor waits for the owner's answer. */
const patience = "2 seconds"

/**
 * Opens the journal in a SQLite file to read it and to ask its owner, whether or not there is one.
 *
 * **Details** — what is asked while nobody owns it is left there for the next owner: the answer is `Pending`.
 */
export const visitSqlite = (file: string): Effect.Effect<JournalVisit, JournalUnusable, Scope.Scope> =>
  Effect.flatMap(openVisitor(file), (visitor) => makeVisitor(visitor, visitor.namespace, patience))

/** The same for a journal in PostgreSQL. */
export const visitPostgres = (
  url: string | Redacted.Redacted
): Effect.Effect<JournalVisit, JournalUnusable, Scope.Scope> =>
  Effect.promise(postgres).pipe(
    Effect.flatMap((postgres) => postgres.openVisitor(url)),
    Effect.flatMap((visitor) => makeVisitor(visitor, visitor.namespace, patience))
  )
