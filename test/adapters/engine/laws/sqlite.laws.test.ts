/**
 * The laws of the journal, on a SQLite file.
 */
import { allLaws } from "./allLaws.ts"
import { sqliteHarness } from "./sqliteHarness.ts"

allLaws(sqliteHarness)
