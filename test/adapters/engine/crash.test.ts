/**
 * A process that runs orders is killed with `kill -9`, twenty times or more on each store, and started again at once.
 *
 * Not here: two hundred times and more (`npm run crash`), and what exactly must hold (`test/crash/check*.ts`).
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { crash, type CrashOptions } from "../../crash/crash.ts"
import { reportInWords, violationInWords } from "../../crash/report.ts"
import { testDatabase } from "../../support/testDatabase.ts"

const seed = Date.now() % 1_000_000
const options: CrashOptions = { kills: 20, seed, inFlight: 20, lasting: [5, 250] }

const loses = (store: "sqlite" | { readonly url: string }) =>
  Effect.map(
    Effect.promise(() => crash(store, options)),
    (report) => {
      console.log(reportInWords(store === "sqlite" ? "sqlite" : "postgres", seed, report))
      assert.deepStrictEqual(report.violations.slice(0, 5).map(violationInWords), [], `seed ${seed}`)
      assert.isAtLeast(report.kills, 20)
      assert.isAbove(report.acknowledged, 20)
      assert.isAbove(report.undone, 0)
    }
  )

describe.concurrent("a process that is killed twenty times at random moments, under load", () => {
  // A machine that does something else besides is no reason to fail.
  const timeout = 600_000

  it.effect("loses nothing, does nothing twice and takes back what it must, on SQLite", () => loses("sqlite"), timeout)

  it.effect(
    "loses nothing, does nothing twice and takes back what it must, on PostgreSQL",
    () => Effect.scoped(Effect.flatMap(testDatabase, (url) => loses({ url }))),
    timeout
  )
})
