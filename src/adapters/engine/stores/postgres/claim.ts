/**
 * Becoming the owner of a journal: its layout is brought up to date, its epoch rises, and it is found out whether it is
 * still where it was.
 *
 * A journal is a copy when it is kept in another place than the one its last owner wrote (`origin.ts`). It stays one,
 * through later owners, until a person says that it is the original from now on.
 *
 * The special rule: nothing is changed before the lock is held, except that tables are made where there are none. Only
 * who takes over raises the epoch first, so that the one before it stops writing and does not take the lock again.
 *
 * Not here: staying the owner (`Ownership.ts`).
 */
import type * as PgConnection from "@effect/sql-pg/PgConnection"
import { Effect } from "effect"
import type { SqlError } from "effect/sql/SqlError"
import { JournalUnusable } from "../../Store.ts"
import type { Address } from "./address.ts"
import { FORGET, forgotten } from "./inbox.ts"
import { bringUpToDate, layoutOf } from "./layout.ts"
import { openLine } from "./line.ts"
import type { Line } from "./line.ts"
import { isSameOrigin, originOf } from "./origin.ts"
import { HOLDERS, lostTo, OWNER_LOCK, thisOwner } from "./owners.ts"
import { pause } from "./pause.ts"
import { isPooled } from "./pooled.ts"
import { layouts } from "./tables.ts"
import { incomplete, notAJournal, owned, pooled, tooNew } from "./unusable.ts"

export interface Claim {
  readonly epoch: number
  readonly namespace: string
  readonly isCopy: boolean
  readonly lastExecution: number
}

export interface Claimed extends Claim {
  /** Who takes over may have to wait for the lock, and is the owner nevertheless. */
  readonly isLocked: boolean
  /** Where it is kept, see `origin.ts`. */
  readonly origin: string
}

export interface ClaimOptions {
  /** Replaces the owner there is. */
  readonly takeOver: boolean
  /** Says that the journal is the original from now on. */
  readonly adopts: boolean
}

/** How long a lock may outlive its owner: the server has to notice that the other end of a session is gone. */
const NOTICED_WITHIN = 500

export const claim = (
  address: Address,
  line: Line,
  { takeOver, adopts }: ClaimOptions
): Effect.Effect<Claimed, SqlError | JournalUnusable> =>
  Effect.gen(function* () {
    const { connection } = line
    if (yield* isPooled(line, openLine(address, "owner"))) return yield* pooled(address)

    let found = yield* layoutOf(connection)
    if (found._tag === "Nothing") {
      yield* bringUpToDate(connection, 0)
      found = yield* layoutOf(connection)
    }
    if (found._tag === "Foreign" || found._tag === "Nothing") return yield* notAJournal(address)
    if (found._tag === "Incomplete") return yield* incomplete(address, found.missing)
    if (found.layout > layouts.length) return yield* tooNew(address, found.layout, found.needs)

    const early = takeOver ? yield* raiseEpoch(connection) : undefined
    if (early !== undefined) yield* endHolder(connection)
    const isLocked = yield* lock(connection)
    if (!isLocked && early === undefined) return yield* Effect.flatMap(ownerOf(line), (it) => owned(address, it))
    if (found.layout < layouts.length) yield* bringUpToDate(connection, found.layout)
    const epoch = early ?? (yield* raiseEpoch(connection))

    const { isCopy, origin } = yield* compareOrigin(connection, adopts)
    yield* connection.queryValues(FORGET, forgotten(Date.now()), false)
    const rows = yield* connection.queryValues("SELECT max(seq)::float8 FROM firebreak_executions", [], false)
    return { epoch, namespace: found.namespace, isCopy, lastExecution: Number(rows[0]?.[0] ?? 0), isLocked, origin }
  })

const ownerOf = ({ connection }: Line): Effect.Effect<string, SqlError> =>
  Effect.map(lostTo(connection), ({ by }) => by)

const lock = (connection: PgConnection.PgConnection): Effect.Effect<boolean, SqlError> =>
  Effect.gen(function* () {
    const giveUpAt = performance.now() + NOTICED_WITHIN
    while (true) {
      const rows = yield* connection.queryValues(`SELECT pg_try_advisory_lock(${OWNER_LOCK})`, [], false)
      if (rows[0]?.[0] === true) return true
      if (performance.now() > giveUpAt) return false
      yield* pause(20)
    }
  })

const raiseEpoch = (connection: PgConnection.PgConnection): Effect.Effect<number, SqlError> =>
  Effect.map(
    connection.queryValues(
      `UPDATE firebreak_owner SET epoch = epoch + 1, session = 0, owner = $1, since = $2::bigint
       WHERE shard = 0 RETURNING epoch::float8`,
      [thisOwner(), Date.now()],
      false
    ),
    (rows) => Number(rows[0]?.[0])
  )

/** Ends the session of the owner before. If we may not, it keeps its lock, and we try for it until it is free. */
const endHolder = (connection: PgConnection.PgConnection): Effect.Effect<void, SqlError> =>
  connection
    .queryValues(
      `SELECT pg_terminate_backend(pid, 5000) FROM (${HOLDERS}) AS holder WHERE pid <> pg_backend_pid()`,
      [],
      false
    )
    .pipe(
      Effect.asVoid,
      Effect.catchIf(
        ({ reason }) => reason._tag === "AuthorizationError",
        () => Effect.void
      )
    )

const compareOrigin = (connection: PgConnection.PgConnection, adopts: boolean) =>
  Effect.gen(function* () {
    const origin = yield* originOf(connection)
    const rows = yield* connection.queryValues("SELECT origin, is_copy FROM firebreak_journal", [], false)
    const [before, wasCopy] = rows[0] ?? []
    const isElsewhere = typeof before === "string" && !isSameOrigin(before, origin)
    const isCopy = !adopts && (wasCopy === true || isElsewhere)
    if (before !== origin || wasCopy !== isCopy) {
      yield* connection.queryValues("UPDATE firebreak_journal SET origin = $1, is_copy = $2", [origin, isCopy], false)
    }
    return { isCopy, origin }
  })
