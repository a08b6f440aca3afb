/**
 * Our trace of a program beside that of the real library, as one list.
 *
 *      50 stored e1            in both
 *   -  75 ERROR Failed: bad2   only in Kotlin
 *   +  75 job: cancelled       only here
 *
 * Kotlin's lines are what kotlinx.coroutines 1.7.3 printed on one thread. It has three flags for how a job stands, which
 * do not tell a failure from a cancellation; our word for it stands behind them in parentheses.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { type SeedProgram, traceOf } from "../../../examples/kotlin/harness/SeedProgram.ts"

export interface Comparison {
  readonly trace: string
  /** Why the traces differ; there where they do, and only there. */
  readonly because?: string
  /** Kotlin's side follows from its documented rules: no output of it was recorded. */
  readonly recorded?: false
}

/** Compares every run of `program`, under its number. */
export const compare = <Runs extends SeedProgram["runs"]>(
  program: SeedProgram<Runs>,
  comparisons: { readonly [Run in keyof Runs]: Comparison }
): void => {
  describe(`${program.id} ${program.shows}`, () => {
    for (const [name, run] of Object.entries(program.runs)) {
      const { because, trace } = (comparisons as Readonly<Record<string, Comparison>>)[name]! // sound: keyed by the runs
      const lines = linesOf(trace)
      it.effect(name, () =>
        Effect.gen(function* () {
          assert.deepStrictEqual(
            (yield* traceOf(run)).map((line) => line.trim()),
            ours(lines)
          )
          const differs = lines.some(({ only }) => only !== undefined)
          assert.strictEqual(because !== undefined, differs, "a reason where the traces differ, and only there")
        })
      )
    }
  })
}

interface Line {
  readonly only: "Kotlin" | "ours" | undefined
  readonly text: string
}

const linesOf = (trace: string): ReadonlyArray<Line> =>
  trace
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .map((line) => ({
      only: line.startsWith("-") ? "Kotlin" : line.startsWith("+") ? "ours" : undefined,
      text: line.replace(/^[-+]\s*/, "")
    }))

const ours = (lines: ReadonlyArray<Line>): ReadonlyArray<string> =>
  lines.filter(({ only }) => only !== "Kotlin").map(({ text }) => inOurWords(text))

const flags: Readonly<Record<string, string>> = {
  running: "active=true completed=false cancelled=false",
  open: "active=true completed=false cancelled=false",
  succeeded: "active=false completed=true cancelled=false",
  failed: "active=false completed=true cancelled=true",
  cancelled: "active=false completed=true cancelled=true"
}

/** `a active=false completed=true cancelled=true (failed)` is `a: failed` here. */
const inOurWords = (text: string): string =>
  text.replaceAll(/[:;]? (active=\w+ completed=\w+ cancelled=\w+) \((\w+)\)/g, (_, said: string, word: string) => {
    assert.strictEqual(said, flags[word], text)
    return `: ${word}`
  })
