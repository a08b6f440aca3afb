/**
 * Rows of the tables as the engine knows them, and back.
 *
 * The special rule: a batch goes to the server as one array for each column. Sent row by row it would cost both sides
 * twice as much, and as JSON the server's half.
 *
 * Not here: the statements that carry them (`commit.ts`, `reading.ts`).
 */
import * as PgTypes from "@effect/sql-pg/PgTypes"
import type { EventRow, ExecutionRow } from "../../Store.ts"

/** A column of a table, the field of the row it comes from, and its type. */
interface Column<Row> {
  readonly name: string
  readonly field: keyof Row
  readonly type: "bigint" | "integer" | "text"
}

export const executionColumns: ReadonlyArray<Column<ExecutionRow>> = [
  { name: "seq", field: "seq", type: "bigint" },
  { name: "id", field: "id", type: "text" },
  { name: "workflow", field: "workflow", type: "text" },
  { name: "name", field: "name", type: "text" },
  { name: "payload", field: "payload", type: "text" },
  { name: "digest", field: "digest", type: "text" },
  { name: "status", field: "status", type: "text" },
  { name: "outcome", field: "outcome", type: "text" },
  { name: "why", field: "why", type: "text" },
  { name: "parent", field: "parent", type: "text" },
  { name: "started_at", field: "startedAt", type: "bigint" },
  { name: "changed_at", field: "changedAt", type: "bigint" },
  { name: "ended_at", field: "endedAt", type: "bigint" },
  { name: "wake_at", field: "wakeAt", type: "bigint" },
  { name: "removed_at", field: "removedAt", type: "bigint" }
]

export const eventColumns: ReadonlyArray<Column<EventRow>> = [
  { name: "execution", field: "execution", type: "bigint" },
  { name: "n", field: "n", type: "integer" },
  { name: "kind", field: "kind", type: "text" },
  { name: "subject", field: "subject", type: "text" },
  { name: "call", field: "call", type: "integer" },
  { name: "at", field: "at", type: "bigint" },
  { name: "data", field: "data", type: "text" }
]

export const namesOf = <Row>(columns: ReadonlyArray<Column<Row>>): string => columns.map(({ name }) => name).join(", ")

/**
 * The rows of a batch as a table, from parameters beginning at `$first`.
 *
 * In the list of a SELECT the arrays are taken apart side by side, row by row. In FROM each would first be written to a
 * table of its own: 345 µs of the server for one execution with four events instead of 190.
 */
export const unpacked = <Row>(columns: ReadonlyArray<Column<Row>>, first: number): string =>
  `(SELECT ${columns
    .map(({ name, type }, at) =>
      type === "bigint"
        ? `unnest($${first + at}::float8[])::bigint AS ${name}` // see `packed`
        : `unnest($${first + at}::${type}[]) AS ${name}`
    )
    .join(", ")})`

/** The rows of a batch as parameters. */
export const packed = <Row>(
  columns: ReadonlyArray<Column<Row>>,
  rows: ReadonlyArray<Row>
): ReadonlyArray<PgTypes.Parameter> =>
  columns.map(({ field, type }) => {
    const value = Array.from(rows, (row) => row[field])
    return { [PgTypes.ParameterTypeId]: PgTypes.ParameterTypeId, oid: arrayOf[type], value }
  })

const arrayOf = {
  // The driver takes and gives a bigint of PostgreSQL as a BigInt only. A float8 holds all whole numbers up to 2^53.
  bigint: PgTypes.OID.float8Array,
  integer: PgTypes.OID.int4Array,
  text: PgTypes.OID.textArray
}

/** For the list of a SELECT whose rows are read with `toExecution` or `toEvent`. */
export const selected = <Row>(columns: ReadonlyArray<Column<Row>>): string =>
  columns.map(({ name, type }) => (type === "bigint" ? `${name}::float8` : name)).join(", ")

type Values = ReadonlyArray<unknown>

/** One row of `selected(executionColumns)`. */
export const toExecution = (values: Values): ExecutionRow => rowOf(executionColumns, values)
/** One row of `selected(eventColumns)`. */
export const toEvent = (values: Values): EventRow => rowOf(eventColumns, values)

const rowOf = <Row>(columns: ReadonlyArray<Column<Row>>, values: Values): Row => {
  const row: Partial<Record<keyof Row, unknown>> = {}
  for (let at = 0; at < columns.length; at++) row[columns[at]!.field] = values[at]
  // Each field of the row has a column, of a type that the driver reads as that of the field.
  return row as Row
}

export const bigints = (value: ReadonlyArray<number>): PgTypes.Parameter => ({
  [PgTypes.ParameterTypeId]: PgTypes.ParameterTypeId,
  oid: arrayOf.bigint,
  value
})
export const texts = (value: ReadonlyArray<string>): PgTypes.Parameter => ({
  [PgTypes.ParameterTypeId]: PgTypes.ParameterTypeId,
  oid: arrayOf.text,
  value
})
export const bigint = PgTypes.float8
export const text = PgTypes.text
