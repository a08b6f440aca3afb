/**
 * A journal in PostgreSQL, as one side of a move. Loaded only by who has one.
 */
import { Effect } from "effect"
import type { Redacted } from "effect"
import { parseAddress } from "../stores/postgres/address.ts"
import { adoptCopy, makePostgresStore } from "../stores/postgres/makePostgresStore.ts"
import { openVisitor } from "../stores/postgres/openVisitor.ts"
import { readingOn } from "../stores/postgres/reading.ts"
import { bigint, executionColumns, selected, text, toExecution } from "../stores/postgres/rows.ts"
import { makeSession } from "../stores/postgres/Session.ts"
import type { Sided } from "./Side.ts"

const EXECUTIONS = `SELECT ${selected(executionColumns)} FROM firebreak_executions WHERE seq > $1::float8::bigint
  ORDER BY firebreak_executions.seq LIMIT $2::float8::bigint`

export const postgresSide = (url: string | Redacted.Redacted): Sided => ({
  check: Effect.scoped(Effect.asVoid(openVisitor(url))),
  adopt: adoptCopy({ url }),
  open: Effect.gen(function* () {
    const store = yield* makePostgresStore({ url })
    const session = yield* makeSession({ address: yield* parseAddress(url), label: "mover", shared: true })
    // Each statement here may be run again when its answer is lost.
    const run = readingOn(session)
    const setCopy = (isCopy: boolean) =>
      Effect.asVoid(run("UPDATE firebreak_journal SET is_copy = $1::text::boolean", [text(String(isCopy))]))
    return {
      store,
      executions: (after, limit) =>
        Effect.map(run(EXECUTIONS, [bigint(after), bigint(limit)]), (rows) => rows.map(toExecution)),
      become: ({ epoch, isCopy, namespace }) =>
        run("UPDATE firebreak_journal SET namespace = $1", [text(namespace)]).pipe(
          Effect.andThen(setCopy(isCopy)),
          Effect.andThen(
            run("UPDATE firebreak_owner SET epoch = $1::float8::bigint, owner = NULL WHERE shard = 0", [bigint(epoch)])
          ),
          Effect.asVoid
        ),
      setCopy
    }
  })
})
