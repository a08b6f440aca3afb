/**
 * Journals in PostgreSQL: one database for a test file, and in it a schema for each journal.
 */
import { afterAll } from "@effect/vitest"
import { Effect, Exit, Scope } from "effect"
import { makePostgresStore } from "../../../../src/adapters/engine/stores/postgres/makePostgresStore.ts"
import { openVisitor } from "../../../../src/adapters/engine/stores/postgres/openVisitor.ts"
import { query } from "../../../support/postgres.ts"
import { testDatabase } from "../../../support/testDatabase.ts"
import type { Harness } from "./harness.ts"

export const postgresHarness = (): Harness => {
  const scope = Scope.makeUnsafe()
  let database: Promise<string> | undefined
  let last = 0
  afterAll(() => Effect.runPromise(Scope.close(scope, Exit.void)))
  const place = Effect.promise(async () => {
    const server = await (database ??= Effect.runPromise(Scope.provide(testDatabase, scope)))
    const schema = `law_${++last}`
    await query(server, `CREATE SCHEMA ${schema}`)
    const address = new URL(server)
    address.searchParams.set("search_path", schema)
    const url = address.href
    const change = (sql: string) => Effect.asVoid(Effect.promise(() => query(server, sql)))
    return {
      open: makePostgresStore({ url }),
      visit: openVisitor(url),
      copy: change(`UPDATE ${schema}.firebreak_journal SET is_copy = true`),
      spoil: ({ data, execution, n }: { readonly execution: number; readonly n: number; readonly data: string }) =>
        change(
          `UPDATE ${schema}.firebreak_events SET data = '${data.replaceAll("'", "''")}' WHERE execution = ${execution} AND n = ${n}`
        )
    }
  })
  return { name: "in PostgreSQL", isQuick: false, everyCommit: 3, place }
}
