/**
 * Which layout the tables of a database have, and how they come into being or become those of today.
 *
 * The special rule: all steps from an older layout to today's are one transaction, under a lock that lets one process do
 * it at a time. A program that is cut off in the middle leaves the journal as it was.
 *
 * Not here: the tables themselves (`tables.ts`).
 */
import type * as PgConnection from "@effect/sql-pg/PgConnection"
import { Effect } from "effect"
import type { SqlError } from "effect/sql/SqlError"
import type { Layout } from "./tables.ts"
import { layouts } from "./tables.ts"

export type Found =
  | { readonly _tag: "Nothing" }
  /** Tables of something else. */
  | { readonly _tag: "Foreign" }
  | { readonly _tag: "Incomplete"; readonly missing: string }
  | { readonly _tag: "Journal"; readonly layout: number; readonly needs: string; readonly namespace: string }

const tables = ["journal", "owner", "executions", "events", "requests"].map((name) => `firebreak_${name}`)

/** What the schema holds. */
export const layoutOf = (connection: PgConnection.PgConnection): Effect.Effect<Found, SqlError> =>
  Effect.gen(function* () {
    const run = (sql: string) => connection.queryValues(sql, [], false)
    const known = yield* run(`SELECT ${tables.map((name) => `to_regclass('${name}') IS NOT NULL`).join(", ")}`)
    const missing = tables.filter((_, at) => known[0]?.[at] !== true)
    if (missing.length === tables.length) return { _tag: "Nothing" }
    if (missing.length > 0) return { _tag: "Incomplete", missing: `table ${missing.join(", ")}` }
    const columns = yield* run(
      `SELECT count(*)::integer FROM pg_attribute
       WHERE attrelid = 'firebreak_journal'::regclass AND attname IN ('layout', 'needs', 'namespace') AND NOT attisdropped`
    )
    if (columns[0]?.[0] !== 3) return { _tag: "Foreign" }
    const rows = yield* run("SELECT layout, needs, namespace FROM firebreak_journal")
    if (rows[0] === undefined) return { _tag: "Incomplete", missing: "row in firebreak_journal" }
    const [layout, needs, namespace] = rows[0]
    return { _tag: "Journal", layout: Number(layout), needs: String(needs), namespace: String(namespace) }
  })

/**
 * Brings the tables from what they are to the last layout of `known`. `from` is what the caller has seen: if somebody was
 * faster, nothing is done.
 */
export const bringUpToDate = (
  connection: PgConnection.PgConnection,
  from: number,
  known: ReadonlyArray<Layout> = layouts
): Effect.Effect<void, SqlError> =>
  Effect.scoped(
    Effect.gen(function* () {
      const pinned = yield* connection.pin
      const run = (sql: string, params: ReadonlyArray<unknown> = []) => pinned.queryValues(sql, params, false)
      const steps = Effect.gen(function* () {
        yield* run("SELECT pg_advisory_xact_lock(1178751557, 0)")
        const found = yield* layoutOf(pinned)
        if ((found._tag === "Journal" ? found.layout : 0) !== from) return
        for (const { steps } of known.slice(from)) for (const step of steps) yield* run(step)
        if (from === 0) {
          const values = [crypto.randomUUID(), Date.now()]
          yield* run("INSERT INTO firebreak_journal VALUES (1, 0, '', $1, $2::bigint, NULL, false)", values)
          yield* run("INSERT INTO firebreak_owner VALUES (0, 0, 0, NULL, NULL)")
        }
        yield* run("UPDATE firebreak_journal SET layout = $1, needs = $2", [known.length, known.at(-1)?.since ?? ""])
      })
      yield* run("BEGIN")
      yield* steps.pipe(
        Effect.andThen(run("COMMIT")),
        Effect.onError(() => Effect.ignore(run("ROLLBACK")))
      )
    })
  )
