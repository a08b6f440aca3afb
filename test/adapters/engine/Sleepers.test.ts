/**
 * What sleeps, and leaves memory while the next ones to be woken are being read.
 *
 * Not here: that each of a hundred thousand wakes at its time (`laws/timerLaws.ts`, `wakesInTime.test.ts`).
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import type { Engine } from "../../../src/adapters/engine/Engine.ts"
import { Sleepers } from "../../../src/adapters/engine/Sleepers.ts"
import type { ExecutionRow } from "../../../src/adapters/engine/Store.ts"

/** Those who are to be woken, and a store that answers when the test says so. */
const sleeping = () => {
  const timers = new Map<number, () => void>()
  const woken: Array<string> = []
  const questions: Array<{ readonly limit: number; readonly answer: (rows: ReadonlyArray<ExecutionRow>) => void }> = []
  const engine = {
    isClosed: false,
    now: () => 0,
    runs: new Map(),
    registry: { open: () => ({}) },
    timers: { at: (at: number, wake: () => void) => (timers.set(at, wake), () => timers.delete(at)) },
    store: { due: (_: number, limit: number) => Effect.succeed(limit) },
    asking: {
      ask: (question: Effect.Effect<number>, answer: (rows: ReadonlyArray<ExecutionRow>) => void) =>
        questions.push({ limit: Effect.runSync(question), answer })
    }
  }
  // sound: of an engine it uses these, and of a row its id, its time and its workflow
  const sleepers = new Sleepers(engine as unknown as Engine, new Set(), (id) => woken.push(id))
  const row = (wakeAt: number) => ({ id: `at ${wakeAt}`, wakeAt, workflow: "Story" }) as ExecutionRow
  return { sleepers, timers, woken, questions, row }
}

describe("an execution that leaves memory while those that are due next are being read", () => {
  it("has a timer, though it is due later than those that were loaded, and was not among what is read", () => {
    const { questions, row, sleepers, timers, woken } = sleeping()
    sleepers.look()
    const first = questions.shift()!
    first.answer(Array.from({ length: first.limit }, (_, n) => row(n + 1)))
    assert.strictEqual(timers.size, first.limit, "there may be more than were loaded")
    // As many have been woken as it takes to ask for the next ones.
    for (let at = 1; questions.length === 0; at++) {
      timers.get(at)!()
      timers.delete(at)
    }
    sleepers.wakeLater("late", 50_000)
    questions.shift()!.answer([])
    timers.get(50_000)?.()
    assert.include(woken, "late")
  })
})
