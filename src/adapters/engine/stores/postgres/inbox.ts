/**
 * Where other processes leave what they want done: a table beside the journal.
 *
 * The special rule: whoever asks waits for others who ask, never for the owner, and the owner never for them.
 *
 * Not here: hearing of requests (`Notices.ts`), and what they mean.
 */
import { Effect, Option } from "effect"
import { StoreUnavailable } from "../../Store.ts"
import type { Inbox, Request } from "../../Store.ts"
import { CHANNEL } from "./Notices.ts"
import { readingFailed } from "./PostgresFault.ts"
import type { PostgresFault } from "./PostgresFault.ts"
import type { Reading } from "./reading.ts"
import { bigint } from "./rows.ts"
import type { Session } from "./Session.ts"

/** How long answers are kept for those who asked, in milliseconds. */
const KEPT_FOR = 7 * 24 * 3600 * 1000

// Numbers become visible in the order in which they are given out: else who reads on from the last one it has seen would
// miss those that were given out before and committed later.
const ASK = `
  WITH turn AS MATERIALIZED (
    SELECT pg_advisory_xact_lock(1178751557, 'firebreak_requests'::regclass::oid::integer)
  ), asked AS (
    INSERT INTO firebreak_requests (execution, kind, data, asked_at)
    SELECT $1, $2, $3, $4::float8::bigint FROM turn
    RETURNING seq
  )
  SELECT max(seq)::float8, count(pg_notify(${CHANNEL}, seq::text)) FROM asked`

const PENDING = `
  SELECT seq::float8, execution, kind, data, asked_at::float8 FROM firebreak_requests
  WHERE answer IS NULL AND seq > $1::float8::bigint ORDER BY seq LIMIT $2::float8::bigint`

// The first answer stands: who has read it holds on to it.
const ANSWER = `
  UPDATE firebreak_requests SET answer = $2, answered_at = $3::float8::bigint
  WHERE seq = $1::float8::bigint AND answer IS NULL`

/** Answers that nobody can be waiting for any more. */
export const FORGET = `DELETE FROM firebreak_requests WHERE answered_at < ${"$1::float8::bigint"}`
export const forgotten = (now: number) => [bigint(now - KEPT_FOR)]

export const makeInbox = (session: Session, reading: Reading, onRequest: Inbox["onRequest"]): Inbox => ({
  ask: ({ execution, kind, data, askedAt }) =>
    session
      .use(({ connection }) => connection.queryValues(ASK, [execution, kind, data, bigint(askedAt)]))
      .pipe(
        Effect.map((rows) => Number(rows[0]?.[0])),
        Effect.mapError(askingFailed)
      ),
  pending: (after, limit) =>
    Effect.map(reading(PENDING, [bigint(after), bigint(limit)]), (rows) => rows.map(toRequest)),
  // (Given again where the answer got lost: it is the same one.)
  answer: (seq, answer) => Effect.asVoid(reading(ANSWER, [bigint(seq), answer, bigint(Date.now())])),
  answerTo: (seq) =>
    Effect.map(
      reading("SELECT answer FROM firebreak_requests WHERE seq = $1::float8::bigint", [bigint(seq)]),
      (rows) => Option.fromNullishOr(rows[0]?.[0] as string | null | undefined) // the column is a text
    ),
  onRequest
})

/** What was asked is not asked again by itself: a second time it would be another request. */
const askingFailed = (fault: PostgresFault) =>
  fault.kind === "Lost"
    ? new StoreUnavailable({
        reason: `${fault.message}. The request may have been written down all the same: look with "firebreak show" before you ask again`
      })
    : readingFailed(fault)

const toRequest = (values: ReadonlyArray<unknown>): Request => {
  // The columns that `PENDING` selects, in that order; what a kind may be is seen to by whoever asks.
  const [seq, execution, kind, data, askedAt] = values as readonly [number, string, Request["kind"], string, number]
  return { seq, execution, kind, data, askedAt }
}
