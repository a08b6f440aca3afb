/**
 * The PostgreSQL store obeys the laws of stores.
 */
import { Effect } from "effect"
import { makePostgresStore } from "../../../../../src/adapters/engine/stores/postgres/makePostgresStore.ts"
import { openVisitor } from "../../../../../src/adapters/engine/stores/postgres/openVisitor.ts"
import { testDatabase } from "../../../../support/testDatabase.ts"
import { storeLaws } from "../contract.ts"

storeLaws(
  "PostgreSQL",
  Effect.map(testDatabase, (url) => ({
    open: makePostgresStore({ url }),
    takeOver: makePostgresStore({ url, takeOver: true }),
    visit: openVisitor(url),
    keepsOthersOut: true
  }))
)
