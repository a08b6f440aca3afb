/**
 * The laws of the journal, on PostgreSQL.
 */
import { allLaws } from "./allLaws.ts"
import { postgresHarness } from "./postgresHarness.ts"

allLaws(postgresHarness())
