/**
 * Steps of one name in one program, for workflows that never meet: whoever takes back what another process did takes back
 * the right one, or asks a person.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Schema } from "effect"
import { Step } from "firebreak/workflows"
import { markOf, stepMeant } from "../../../src/adapters/engine/sameName.ts"
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
    const [mark, other] = [markOf(book.definition).mark!, markOf(bookOther.definition).mark!]
    assert.notStrictEqual(mark, other)
    assert.strictEqual(stepMeant("book", mark), book.definition)
    assert.strictEqual(stepMeant("book", other), bookOther.definition)
    assert.strictEqual(stepMeant("book", null), undefined)
    assert.strictEqual(stepMeant("book", "changed"), undefined)
  })

  it("carry no mark while a name is the only one", () => {
    const only = Step.make("book nothing else", {
      do: () => Effect.void,
      undo: "nothing",
      unknown: "repeat"
    })
    assert.deepStrictEqual(markOf(only.definition), {})
    assert.strictEqual(stepMeant("book nothing else", null), only.definition)
  })
})
