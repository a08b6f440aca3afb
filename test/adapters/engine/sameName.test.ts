/**
 * Steps of one name in one program, for workflows that never meet: whoever takes back what another process did takes back
 * the right one, or asks a person.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Schema } from "effect"
import { ProcessOrder, Step, stepsNamed } from "firebreak/workflows"
import { markOf, stepMeant, whyNoneIsMeant } from "../../../src/adapters/engine/sameName.ts"
import { performEverywhere } from "./laws/crashes.ts"
import { memoryHarness } from "./laws/memoryHarness.ts"
import { refuses, Sorry, World } from "./laws/Outside.ts"
import { ask, b, story } from "./laws/stories.ts"

const book = Step.make("book", {
  success: Schema.String,
  error: Sorry,
  do: (room: string, key) => World.use((world) => world.call("book a room", key, room)),
  undo: (_, key, room) => World.use((world) => world.call("cancel the room", key, room)),
  unknown: "repeat"
})
const bookOther = Step.make("book", {
  success: Schema.String,
  error: Sorry,
  do: (seat: string, key) => World.use((world) => world.call("book a seat", key, seat)),
  undo: (_, key, seat) => World.use((world) => world.call("cancel the seat", key, seat)),
  unknown: "repeat"
})

describe("steps of the same name", () => {
  it.effect("are each taken back as they say, also by a process that never ran their story", () =>
    Effect.gen(function* () {
      for (const [step, what] of [
        [book, "room"],
        [bookOther, "seat"]
      ] as const) {
        const play = {
          workflows: story((id) => Effect.andThen(step(id), b(id))),
          ask: ask(),
          script: (journal: { outside: { answer: (what: string, answer: typeof refuses) => void } }) =>
            journal.outside.answer("b", refuses)
        }
        for (const { answer, crash, journal } of yield* performEverywhere(memoryHarness, play)) {
          assert.strictEqual(Exit.isSuccess(answer) && answer.value.status, "refused", crash)
          assert.deepStrictEqual(journal.outside.happened, [`book a ${what}`, `cancel the ${what}`], crash)
        }
      }
    })
  )

  it("are told apart by what they do; of one that was changed nobody guesses", () => {
    const [mark, other] = [markOf(book.definition, "Trip").mark!, markOf(bookOther.definition, "Trip").mark!]
    assert.notStrictEqual(mark, other)
    assert.strictEqual(stepMeant("book", mark, "Trip"), book.definition)
    assert.strictEqual(stepMeant("book", other, "Trip"), bookOther.definition)
    assert.strictEqual(stepMeant("book", null, "Trip"), undefined)
    assert.strictEqual(stepMeant("book", "changed", "Trip"), undefined)
  })

  it("are not taken for one another when one of them is gone", () => {
    const kept = Step.make("kept alone", { do: () => Effect.void, undo: "nothing", unknown: "repeat" })
    assert.strictEqual(stepMeant("kept alone", "of the one that is gone", "Trip"), undefined)
    assert.match(whyNoneIsMeant("kept alone", "of the one that is gone", "Trip"), /does not have the step .* any more/)
    assert.strictEqual(stepMeant("kept alone", null, "Trip"), kept.definition)
  })

  it("that do the same cannot be told apart, and the reason says so", () => {
    const make = () => Step.make("twice the same", { do: () => Effect.void, undo: "nothing", unknown: "repeat" })
    const [{ mark }] = [make(), make()].map(({ definition }) => markOf(definition, "Trip")) as [{ mark: string }] // sound: there are two, with marks
    assert.strictEqual(stepMeant("twice the same", mark, "Trip"), undefined)
    assert.match(whyNoneIsMeant("twice the same", mark, "Trip"), /2 steps are called .* give each a name of its own/)
  })

  it("of the order that comes with the package are nobody else's", () => {
    assert.strictEqual(stepMeant("charge", null, ProcessOrder._tag), stepsNamed("charge")[0])
    assert.strictEqual(stepMeant("charge", null, "Trip"), undefined)
    const own = Step.make("charge", { do: () => Effect.void, undo: "nothing", unknown: "repeat" })
    assert.deepStrictEqual(markOf(own.definition, "Trip"), {})
    assert.strictEqual(stepMeant("charge", null, "Trip"), own.definition)
  })

  it("carry no mark while a name is the only one", () => {
    const only = Step.make("book nothing else", {
      do: () => Effect.void,
      undo: "nothing",
      unknown: "repeat"
    })
    assert.deepStrictEqual(markOf(only.definition, "Trip"), {})
    assert.strictEqual(stepMeant("book nothing else", null, "Trip"), only.definition)
  })
})
