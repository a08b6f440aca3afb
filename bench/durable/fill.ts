/**
 * A journal with very many finished orders, without running them: one that was run is copied, row by row, in the store.
 *
 * The special rule: nobody owns the journal meanwhile. Each copy has an id as random as a digest, because that is what
 * makes the index of a large journal slow, if anything does.
 */
import { DatabaseSync } from "node:sqlite"
import { query } from "../../test/support/postgres.ts"
import type { Place } from "./Arm.ts"

const chunk = 25_000

/** Columns that differ from copy to copy; `i` is the number of the copy, from 1. */
interface Dialect {
  readonly id: string
  readonly name: string
  readonly numbers: (count: number, then: string) => string
}

const sqlite: Dialect = {
  id: "lower(hex(randomblob(32)))",
  name: "'filled-' || (base + i)",
  numbers: (count, then) =>
    then.replace(
      "INSERT",
      `WITH RECURSIVE numbers(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < ${count}) INSERT`
    )
}

const postgres: Dialect = {
  id: "encode(sha256(random()::text::bytea || i::text::bytea), 'hex')",
  name: "'filled-' || (base + i)",
  numbers: (count, then) => then.replace("INSERT", `WITH numbers(i) AS (SELECT generate_series(1, ${count})) INSERT`)
}

/** The two statements that add so many copies of the execution `template` after `base`. */
const copies = (
  dialect: Dialect,
  count: number,
  template: number,
  base: number,
  columns: { readonly executions: ReadonlyArray<string>; readonly events: ReadonlyArray<string> }
): ReadonlyArray<string> => {
  const into = (table: string, all: ReadonlyArray<string>, own: Record<string, string>, which: string) => {
    const taken = all.map((column) => own[column]?.replaceAll("base", String(base)) ?? `t.${column}`)
    return dialect.numbers(
      count,
      `INSERT INTO ${table} (${all.join(", ")}) SELECT ${taken.join(", ")} FROM numbers CROSS JOIN ${table} t WHERE t.${which} = ${template}`
    )
  }
  return [
    into("firebreak_executions", columns.executions, { seq: "base + i", id: dialect.id, name: dialect.name }, "seq"),
    into("firebreak_events", columns.events, { execution: "base + i" }, "execution")
  ]
}

const newestFinished =
  "SELECT max(seq) AS last, max(CASE WHEN status = 'completed' THEN seq END) AS template FROM firebreak_executions"

/** Adds so many finished orders to a journal in which at least one order has finished. */
export const fillWithFinished = async (place: Place, count: number): Promise<void> => {
  if ("file" in place) await fillSqlite(place.file, count)
  else if ("url" in place) await fillPostgres(place.url, count)
}

const fillSqlite = async (file: string, count: number): Promise<void> => {
  const database = new DatabaseSync(file)
  try {
    database.exec("PRAGMA synchronous = OFF; PRAGMA cache_size = -400000")
    const columnsOf = (table: string) =>
      database
        .prepare(`SELECT name FROM pragma_table_info('${table}')`)
        .all()
        .map(({ name }) => String(name))
    const columns = { executions: columnsOf("firebreak_executions"), events: columnsOf("firebreak_events") }
    const { last, template } = database.prepare(newestFinished).get()!
    for (let done = 0; done < count; done += chunk) {
      const statements = copies(sqlite, Math.min(chunk, count - done), Number(template), Number(last) + done, columns)
      database.exec(`BEGIN; ${statements.join("; ")}; COMMIT; PRAGMA wal_checkpoint(TRUNCATE)`)
    }
  } finally {
    database.close()
  }
}

const fillPostgres = async (url: string, count: number): Promise<void> => {
  const columnsOf = async (table: string) =>
    (
      await query(url, `SELECT column_name::text AS name FROM information_schema.columns WHERE table_name = '${table}'`)
    ).map(({ name }) => String(name))
  const columns = { executions: await columnsOf("firebreak_executions"), events: await columnsOf("firebreak_events") }
  const [found] = await query(url, newestFinished)
  for (let done = 0; done < count; done += chunk) {
    const statements = copies(
      postgres,
      Math.min(chunk, count - done),
      Number(found!.template),
      Number(found!.last) + done,
      columns
    )
    for (const statement of statements) await query(url, statement)
  }
  // What the server does by itself after such a change is done before anything is measured.
  for (const table of ["firebreak_executions", "firebreak_events"]) await query(url, `VACUUM ANALYZE ${table}`)
  await query(url, "CHECKPOINT")
}
