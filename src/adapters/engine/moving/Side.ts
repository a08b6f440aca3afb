/**
 * One of the two journals of a move: owned while it lasts, and seen further into than an engine needs.
 *
 * Not here: moving (`moveJournal.ts`), and the sides by where they are kept (`sqliteSide.ts`, `postgresSide.ts`).
 */
import type { Effect, Redacted, Scope } from "effect"
import type { ExecutionRow, JournalUnusable, Store, StoreError } from "../Store.ts"

/** Where a journal is kept: a SQLite file, or a PostgreSQL database. */
export type JournalPlace = { readonly file: string } | { readonly url: string | Redacted.Redacted }

/** What a journal is, whatever it holds. */
export interface Identity {
  readonly namespace: string
  readonly isCopy: boolean
}

export interface Side {
  readonly store: Store
  /** Executions by `seq`, after `after`, tombstones among them. */
  readonly executions: (after: number, limit: number) => Effect.Effect<ReadonlyArray<ExecutionRow>, StoreError>
  /** Makes another journal of it. What is open of it still knows the one before. `epoch` is the last that was used. */
  readonly become: (identity: Identity & { readonly epoch: number }) => Effect.Effect<void, StoreError>
  /** Whether what it does not remember may have happened. */
  readonly setCopy: (isCopy: boolean) => Effect.Effect<void, StoreError>
}

/** A place whose kind is known. */
export interface Sided {
  /** Fails with `Missing` if there is no journal. */
  readonly check: Effect.Effect<void, JournalUnusable>
  /** Becomes its owner. Where there is no journal there is an empty one afterwards. */
  readonly open: Effect.Effect<Side, JournalUnusable, Scope.Scope>
  readonly adopt: Effect.Effect<void, JournalUnusable>
}
