/**
 * The laws of all programs: whatever chance makes of one, and wherever its processes are gone, it sees the same again,
 * comes to an end, and what the outside did is what the journal says.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { DurableDeferred } from "effect/workflow"
import { Journal } from "firebreak/journal"
import { stepKeyOf } from "../../../../src/adapters/engine/keys.ts"
import { History } from "../../../../src/adapters/engine/History.ts"
import { ends } from "../../../../src/adapters/engine/Store.ts"
import { chance } from "../../../support/shuffled.ts"
import { anyOutside, anyProgram, Signal, stepNames } from "./anyProgram.ts"
import { type Performance, perform } from "./crashes.ts"
import { type CrashPoint, describe as inWords, type Harness, type Life } from "./harness.ts"
import { idOf } from "./outsiders.ts"
import { ask, Story, story } from "./stories.ts"

const first = 1

export const programLaws = (harness: Harness): void => {
  const programs = harness.isQuick ? 300 : 12
  describe("any program", () => {
    it.effect(`sees the same again, ends, and has done what it says (${programs} programs, seeds from ${first})`, () =>
      Effect.gen(function* () {
        for (let seed = first; seed < first + programs; seed++) {
          const performance = yield* Effect.catchDefect(perform(harness, playOf(seed), ...crashesOf(seed)), (defect) =>
            Effect.die(new Error(`seed ${seed}: ${defect}`))
          )
          yield* holds(seed, performance)
        }
      })
    )
  })
}

const playOf = (seed: number) => ({
  workflows: story(() => anyProgram(seed) as Effect.Effect<unknown>),
  ask: ask(),
  script: (journal: Parameters<typeof anyOutside>[1]) => anyOutside(seed, journal),
  beside: (life: Life) => disturb(seed, life)
})

/** None, one or two crashes, most of them early. (Three in vain, and it would be set aside.) */
const crashesOf = (seed: number): ReadonlyArray<CrashPoint> => {
  const random = chance(seed ^ 0xc4a5)
  return Array.from({ length: random.below(3) }, () => ({
    commit: 1 + random.below(random.in(70) ? 6 : 25),
    when: random.pick(["before", "after"])
  }))
}

/** Somebody signals, and now and then somebody cancels. */
const disturb = (seed: number, _: Life) =>
  Effect.gen(function* () {
    const random = chance(seed ^ 0xd157)
    const token = DurableDeferred.tokenFromExecutionId(Signal, { workflow: Story, executionId: idOf("1") })
    yield* Effect.sleep(random.below(400))
    yield* DurableDeferred.succeed(Signal, { token, value: "signal" })
    if (!random.in(25)) return
    yield* Effect.sleep(random.below(200))
    yield* Effect.ignore(Journal.use((journal) => journal.cancel("1")))
  })

const holds = (seed: number, { answer, contradictions, crash, journal }: Performance<unknown>) =>
  Effect.gen(function* () {
    const { status, why } = (yield* answer) as { status: string; why: { message: string } | null } // sound: what `ask` answers
    const row = journal.committed.rows.get(1)!
    const where = () => `seed ${seed}, ${crash}: ${status}, ${why?.message}\n${inWords(journal)}`
    assert.deepStrictEqual(contradictions, [], where())
    assert.isTrue(ends.has(row.status), where())

    // Each call that the journal has says what the outside did with its key.
    const history = new History(0)
    for (const event of journal.committed.of(1)) history.apply(event)
    const accounted = new Set<string>()
    for (const call of history.calls.values()) {
      if (call.kind !== "step") continue
      const { namespace } = journal
      for (let generation = 0; generation <= call.generation; generation++) {
        const parts = { namespace, execution: row.id, step: call.step, key: call.key, generation }
        const did = `${call.step} ${stepKeyOf({ ...parts, isUndo: false })}`
        const tookBack = `undo ${call.step} ${stepKeyOf({ ...parts, isUndo: true })}`
        const isCurrent = generation === call.generation
        if (isCurrent && call.state === "done") {
          assert.isTrue(journal.outside.times.has(did), `"${call.subject}" is done and did not happen: ${where()}`)
          const isUndone = journal.outside.times.has(tookBack)
          assert.strictEqual(isUndone, call.undo === "undone", `the undo of "${call.subject}": ${where()}`)
          accounted.add(did).add(tookBack)
        } else if (isCurrent && call.state === "left") accounted.add(did)
      }
    }
    for (const happened of journal.outside.times.keys()) {
      if (!stepNames.some((name) => happened.startsWith(name) || happened.startsWith(`undo ${name}`))) continue
      assert.isTrue(accounted.has(happened), `${happened} happened, and the journal knows nothing of it: ${where()}`)
    }
  })
