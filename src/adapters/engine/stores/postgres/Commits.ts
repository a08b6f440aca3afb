/**
 * Everything that only the owner writes, and what became of it when the answer got lost.
 *
 * The special rule: a new session of the owner first raises the number of its session in the owner's row. That waits for
 * a commit of the session before that is still being carried out, and lets none begin later. So what is there then is
 * what will be there, and a batch was committed if its rows are.
 *
 * Not here: the statement itself (`commit.ts`).
 */
import type * as PgConnection from "@effect/sql-pg/PgConnection"
import { Cause, Effect, Exit, Option } from "effect"
import type { Scope } from "effect"
import type { SqlError } from "effect/sql/SqlError"
import { ends } from "../../Store.ts"
import type { Batch, CommitUncertain, OwnershipLost, Rejected, Store, StoreError } from "../../Store.ts"
import type { Address } from "./address.ts"
import { asOwner, commitRows, findBadRows, OWNED, sift } from "./commit.ts"
import type { Right, Rows } from "./commit.ts"
import type { Line } from "./line.ts"
import { lostTo } from "./owners.ts"
import { faultOf, PostgresFault, readingFailed, writingFailed } from "./PostgresFault.ts"
import { bigint, executionColumns, packed, unpacked } from "./rows.ts"
import { makeSession } from "./Session.ts"

type Failure = StoreError | CommitUncertain

export const makeCommits = (options: {
  readonly address: Address
  readonly epoch: number
  /** Whether it is known that somebody else owns the journal. */
  readonly lost: () => OwnershipLost | undefined
}): Effect.Effect<Pick<Store, "commit" | "lastBatch" | "remove">, never, Scope.Scope> =>
  Effect.gen(function* () {
    const { address, epoch } = options
    let right: Right = { epoch, session: 0 }
    let last = 0
    /** A batch whose answer got lost. */
    let uncertain: { readonly id: number; readonly rows: Rows; readonly rejected: Rejected } | undefined
    /** It was found to be there, and its owner does not know yet what was left out of it. */
    let found: { readonly id: number; readonly rejected: Rejected } | undefined

    const writer = yield* makeSession<OwnershipLost>({
      address,
      label: "writer",
      prepare: ({ connection }) =>
        Effect.gen(function* () {
          const rows = yield* connection.queryValues(
            `UPDATE firebreak_owner SET session = session + 1 WHERE shard = 0 AND epoch = $1::float8::bigint
             RETURNING session::float8`,
            [bigint(epoch)]
          )
          const session = rows[0]?.[0]
          if (typeof session !== "number") return yield* Effect.flatMap(lostTo(connection), Effect.fail)
          right = { epoch, session }
        })
    })

    /** Runs `body` while we own the journal; `false` says that we do not. */
    const owning = <A>(body: (line: Line) => Effect.Effect<A | false, SqlError>) =>
      Effect.suspend((): Effect.Effect<A, PostgresFault | OwnershipLost> => {
        const lost = options.lost()
        if (lost !== undefined) return Effect.fail(lost)
        return writer.use((line) =>
          Effect.filterOrElse(
            body(line),
            (answer): answer is A => answer !== false,
            () => Effect.flatMap(lostTo(line.connection), Effect.fail)
          )
        )
      })

    const write = (batch: Batch): Effect.Effect<Rejected, PostgresFault | OwnershipLost> =>
      Effect.suspend(() => {
        const { sound, rejected } = sift(batch)
        const commit = (rows: Rows, rejected: Rejected) =>
          owning(({ connection }) => commitRows(connection, right, rows)).pipe(
            Effect.onExit((exit) =>
              Effect.sync(() => {
                if (Exit.isSuccess(exit)) last = batch.id
                uncertain =
                  Exit.isFailure(exit) && mayBeThere(exit.cause) ? { id: batch.id, rows, rejected } : undefined
              })
            ),
            Effect.as(rejected)
          )
        return commit(sound, rejected).pipe(
          Effect.catchIf(
            (fault) => fault._tag === "PostgresFault" && fault.kind === "Row",
            () =>
              Effect.flatMap(
                owning((line) =>
                  findBadRows(line.connection, right, sound, (error) => {
                    const fault = faultOf(error, true, line.isUp())
                    return fault.kind === "Row" ? fault.message : undefined
                  })
                ).pipe(
                  // Nothing of this is kept, so there is nothing to be uncertain about.
                  Effect.mapError((fault) => (fault._tag === "PostgresFault" ? notKept(fault) : fault))
                ),
                (apart) => commit(apart.sound, new Map([...rejected, ...apart.rejected]))
              )
          )
        )
      })

    return {
      commit: (batch) =>
        Effect.suspend((): Effect.Effect<Rejected, Failure> => {
          if (found?.id !== batch.id) return Effect.mapError(write(batch), orOwnership(writingFailed))
          last = batch.id
          return Effect.succeed(found.rejected)
        }),

      lastBatch: Effect.suspend((): Effect.Effect<number, StoreError> => {
        const asked = uncertain
        // Asked of the server in any case, because who was replaced is not to be told anything.
        return owning(({ connection }) =>
          Effect.flatMap(
            isOwner(connection, right),
            (is): Effect.Effect<{ readonly found: boolean } | false, SqlError> =>
              is
                ? Effect.map(
                    asked === undefined ? Effect.succeed(false) : isThere(connection, asked.rows),
                    (found) => ({ found })
                  )
                : Effect.succeed(false)
          )
        ).pipe(
          Effect.map(({ found: isFound }) => {
            if (asked === undefined) return last
            uncertain = undefined
            // Who hears that the batch was committed takes it that nothing was rejected. So if something was, the batch is
            // said to be missing, and the answer is given when it is committed again.
            if (isFound && asked.rejected.size > 0) found = asked
            else if (isFound) last = asked.id
            return last
          }),
          Effect.mapError(orOwnership(readingFailed))
        )
      }),

      remove: ({ status, endedBefore, at, limit }) => {
        const wanted = status.filter((each) => ends.has(each))
        if (wanted.length === 0) return Effect.succeed(0)
        return owning(({ connection }) =>
          Effect.map(
            connection.queryValues(removal(wanted), [
              ...asOwner(right),
              bigint(endedBefore),
              bigint(at),
              bigint(limit)
            ]),
            (rows) => {
              // One row of two numbers, see the statement.
              const [owners, removed] = rows[0] as unknown as readonly [number, number]
              return owners === 1 ? { removed } : false
            }
          )
        ).pipe(
          Effect.map(({ removed }) => removed),
          Effect.mapError(orOwnership(readingFailed))
        )
      }
    }
  })

/** After any end but the ones that say that nothing was carried out; who is interrupted does not wait for the answer. */
const mayBeThere = (cause: Cause.Cause<PostgresFault | OwnershipLost>): boolean => {
  const error = Cause.findErrorOption(cause)
  return Option.isNone(error) || (error.value._tag === "PostgresFault" && error.value.kind === "Lost")
}

const notKept = (fault: PostgresFault) =>
  fault.kind === "Lost" ? new PostgresFault({ kind: "NotSent", code: fault.code, detail: fault.detail }) : fault

const orOwnership =
  <E>(meaning: (fault: PostgresFault) => E) =>
  (error: PostgresFault | OwnershipLost): E | OwnershipLost =>
    error._tag === "PostgresFault" ? meaning(error) : error

const isOwner = (connection: PgConnection.PgConnection, right: Right): Effect.Effect<boolean, SqlError> =>
  Effect.map(
    connection.queryValues(`${OWNED} SELECT count(*)::integer FROM owner`, asOwner(right), false),
    (rows) => rows[0]?.[0] === 1
  )

/** Whether these rows are there, all of which were written by one statement. */
const isThere = (connection: PgConnection.PgConnection, rows: Rows): Effect.Effect<boolean, SqlError> => {
  const event = rows.events[0]
  const [sql, params, expected] =
    event !== undefined
      ? // An event is written once, so one that is there came with this batch, and with it all the others.
        [
          "SELECT count(*)::integer FROM firebreak_events WHERE execution = $1::float8::bigint AND n = $2::integer",
          [bigint(event.execution), event.n],
          1
        ]
      : // Where only the states of executions were written it does not matter who wrote what is there.
        [
          `SELECT count(*)::integer FROM firebreak_executions known, ${unpacked(executionColumns, 1)} AS row
           WHERE known.seq = row.seq AND (${executionColumns
             .map(({ name }) => `known.${name} IS NOT DISTINCT FROM row.${name}`)
             .join(" AND ")})`,
          packed(executionColumns, rows.executions),
          rows.executions.length
        ]
  return Effect.map(connection.queryValues(sql, params, false), (answer) => answer[0]?.[0] === expected)
}
// (The names of statuses are ours: nothing from outside gets into the text.)
const removal = (status: ReadonlyArray<string>) => `${OWNED}, old AS MATERIALIZED (
  SELECT seq FROM owner, firebreak_executions
  WHERE status IN (${status.map((each) => `'${each}'`).join(", ")})
    AND removed_at IS NULL AND ended_at IS NOT NULL AND ended_at < $3::float8::bigint
  ORDER BY ended_at LIMIT $5::float8::bigint
), events AS (
  DELETE FROM firebreak_events USING old WHERE execution = old.seq
), removed AS (
  UPDATE firebreak_executions SET payload = '', why = NULL, removed_at = $4::float8::bigint
  FROM old WHERE firebreak_executions.seq = old.seq RETURNING 1
)
SELECT (SELECT count(*) FROM owner)::integer, (SELECT count(*) FROM removed)::integer`
