/**
 * Everything that only the owner writes, and what became of it when the answer got lost.
 *
 * The special rule: a new session of the owner first raises the number of its session in the owner's row. That waits for
 * a commit of the session before that is still being carried out, and lets none begin later. So what is there then is
 * what will be there, and a batch was committed if its rows are.
 *
 * A new session may lead to another server, or to an earlier state of this one. So it is also seen to that the journal is
 * where it was, and that what was committed last is in it: to go on otherwise would leave a gap that nobody sees.
 *
 * Not here: the statement itself (`commit.ts`), and telling whether rows are there (`evidence.ts`).
 */
import type * as PgConnection from "@effect/sql-pg/PgConnection"
import { Cause, Effect, Exit, Option } from "effect"
import type { Scope } from "effect"
import type { SqlError } from "effect/sql/SqlError"
import { ends, StoreBroken } from "../../Store.ts"
import type { Batch, CommitUncertain, OwnershipLost, Rejected, Store, StoreError } from "../../Store.ts"
import type { Address } from "./address.ts"
import { asOwner, commitRows, findBadRows, OWNED, sift } from "./commit.ts"
import type { Right, Rows } from "./commit.ts"
import { evidenceOf, isThere } from "./evidence.ts"
import type { Evidence } from "./evidence.ts"
import type { Line } from "./line.ts"
import { mustBeAt } from "./origin.ts"
import { lostTo } from "./owners.ts"
import { faultOf, PostgresFault, readingFailed, writingFailed } from "./PostgresFault.ts"
import { removeRows } from "./removal.ts"
import { bigint } from "./rows.ts"
import { makeSession } from "./Session.ts"

type Failure = StoreError | CommitUncertain
/** For good. */
type Lost = OwnershipLost | StoreBroken

export const makeCommits = (options: {
  readonly address: Address
  readonly epoch: number
  readonly origin: string
  /** Whether it is known that we do not own the journal any more. */
  readonly lost: () => Lost | undefined
}): Effect.Effect<Pick<Store, "commit" | "lastBatch" | "remove">, never, Scope.Scope> =>
  Effect.gen(function* () {
    const { address, epoch, origin } = options
    let right: Right = { epoch, session: 0 }
    let last = 0
    /** What shows that the last batch is there. */
    let proof: Evidence | undefined
    const wasCommitted = (id: number, evidence: Evidence | undefined) => {
      last = id
      proof = evidence ?? proof
    }
    /** A batch whose answer got lost. */
    let uncertain:
      | { readonly id: number; readonly evidence: Evidence | undefined; readonly rejected: Rejected }
      | undefined
    /** It was found to be there, and its owner does not know yet what was left out of it. */
    let found: { readonly id: number; readonly rejected: Rejected } | undefined

    const writer = yield* makeSession<Lost>({
      address,
      label: "writer",
      prepare: ({ connection }) =>
        Effect.gen(function* () {
          yield* mustBeAt(connection, origin)
          const rows = yield* connection.queryValues(
            `UPDATE firebreak_owner SET session = session + 1 WHERE shard = 0 AND epoch = $1::float8::bigint
             RETURNING session::float8`,
            [bigint(epoch)]
          )
          const session = rows[0]?.[0]
          if (typeof session !== "number") return yield* Effect.flatMap(lostTo(connection), Effect.fail)
          right = { epoch, session }
          if (proof === undefined || (yield* isThere(connection, proof))) return
          // What came after it may have changed what it wrote.
          if (uncertain?.evidence !== undefined && (yield* isThere(connection, uncertain.evidence))) return
          return yield* forgot(connection, last)
        })
    })

    /** Runs `body` while we own the journal; `false` says that we do not. */
    const owning = <A>(body: (line: Line) => Effect.Effect<A | false, SqlError>) =>
      Effect.suspend((): Effect.Effect<A, PostgresFault | Lost> => {
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

    const write = (batch: Batch): Effect.Effect<Rejected, PostgresFault | Lost> =>
      Effect.suspend(() => {
        const { sound, rejected } = sift(batch)
        const commit = (rows: Rows, rejected: Rejected) =>
          owning(({ connection }) => commitRows(connection, right, rows)).pipe(
            Effect.onExit((exit) =>
              Effect.sync(() => {
                const evidence = evidenceOf(rows)
                if (Exit.isSuccess(exit)) {
                  wasCommitted(batch.id, evidence)
                  uncertain = undefined
                } else if (mayBeThere(exit.cause)) uncertain = { id: batch.id, evidence, rejected }
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
                    // (A batch that wrote nothing is there in any case.)
                    asked?.evidence === undefined ? Effect.succeed(true) : isThere(connection, asked.evidence),
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
            if (isFound && asked.rejected.size > 0) {
              found = asked
              proof = asked.evidence ?? proof
            } else if (isFound) wasCommitted(asked.id, asked.evidence)
            return last
          }),
          Effect.mapError(orOwnership(readingFailed))
        )
      }),

      remove: ({ status, limit, ...which }) =>
        Effect.gen(function* () {
          let removed = 0
          for (const each of new Set(status)) {
            if (!ends.has(each) || removed === limit) continue
            const wanted = { ...which, status: each, limit: limit - removed }
            removed += (yield* owning(({ connection }) => removeRows(connection, right, wanted))).removed
          }
          return removed
        }).pipe(Effect.mapError(orOwnership(readingFailed)))
    }
  })

/** After any end but the ones that say that nothing was carried out; who is interrupted does not wait for the answer. */
const mayBeThere = (cause: Cause.Cause<PostgresFault | Lost>): boolean => {
  const error = Cause.findErrorOption(cause)
  return Option.isNone(error) || (error.value._tag === "PostgresFault" && error.value.kind === "Lost")
}

const notKept = (fault: PostgresFault) =>
  fault.kind === "Lost" ? new PostgresFault({ kind: "NotSent", code: fault.code, detail: fault.detail }) : fault

const orOwnership =
  <E>(meaning: (fault: PostgresFault) => E) =>
  (error: PostgresFault | Lost): E | Lost =>
    error._tag === "PostgresFault" ? meaning(error) : error

const isOwner = (connection: PgConnection.PgConnection, right: Right): Effect.Effect<boolean, SqlError> =>
  Effect.map(
    connection.queryValues(`${OWNED} SELECT count(*)::integer FROM owner`, asOwner(right), false),
    (rows) => rows[0]?.[0] === 1
  )

/** What was committed last is missing. The origin does not tell, so it is written down that this is a copy. */
const forgot = (connection: PgConnection.PgConnection, last: number): Effect.Effect<never, SqlError | StoreBroken> =>
  Effect.andThen(
    connection.queryValues("UPDATE firebreak_journal SET is_copy = true", [], false),
    Effect.fail(
      new StoreBroken({
        reason:
          `it has forgotten what was committed: batch ${last} is missing. An earlier state of it was restored, or rows were ` +
          "removed by hand. Open it again: it counts as a copy now, and looks before it starts"
      })
    )
  )
