/**
 * `firebreak settle ID STEP`: a person says what became of a step.
 *
 * The special rule: exactly one of three things is said, and only of a step that is in question; the journal keeps who
 * was asked and what was answered.
 */
import { Effect, Option, Result, Schema } from "effect"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import type { Verdict } from "../app.ts"
import { isPending, latestRun, onJournal, orderArgument, visiting, whilePending } from "./journal.ts"
import { jsonLine, printable } from "./printable.ts"
import { Unusable, yes } from "./usage.ts"

const options = {
  ...onJournal,
  id: orderArgument,
  step: Argument.String("STEP").pipe(
    Argument.withDescription("The step, such as charge; where it was called several times, such as charge/2")
  ),
  value: Argument.String("JSON").pipe(
    Argument.withDescription("With --done: what the step gave, as its schema writes it"),
    Argument.optional
  ),
  done: yes("done", "It did happen"),
  absent: yes("absent", "It did not happen, and cannot happen any more"),
  undone: yes("undone", "It was taken back, by hand")
}

export const settle = Command.make("settle", options, (options) =>
  Effect.gen(function* () {
    const verdict = yield* readVerdict(options)
    yield* visiting(options, (journal, screen) =>
      Effect.gen(function* () {
        const order = yield* latestRun(journal, options.id)
        const answer = yield* journal.settle(order, options.step, verdict)
        const about = { order, step: options.step }
        if (options.json) {
          return yield* screen.emit(
            jsonLine(isPending(answer) ? { ...about, pending: answer.request } : { ...about, status: answer })
          )
        }
        yield* screen.say(
          isPending(answer)
            ? `settle ${printable(order)} ${printable(options.step)}: ${whilePending(answer)}`
            : `${printable(order)} is ${answer}`
        )
      })
    )
  })
).pipe(
  Command.withDescription(
    "Says what became of a step that nobody knows about, or that could not be taken back. Look it up before: what is said\n" +
      "  here is believed."
  ),
  Command.withShortDescription("Say what became of a step"),
  Command.withExamples([
    { command: "firebreak settle 1001 charge --undone", description: "The money was given back by hand" },
    {
      command: `firebreak settle 1001 reserve --done '{"id":"rs_1","orderId":"1001"}'`,
      description: "It happened, and gave this"
    }
  ])
)

const readVerdict = Effect.fnUntraced(function* ({
  absent,
  done,
  undone,
  value
}: Command.Command.Config.Infer<typeof options>): Effect.fn.Return<Verdict, Unusable> {
  if ([done, absent, undone].filter(Boolean).length !== 1) {
    return yield* new Unusable({ reason: "say one of --done, --absent and --undone" })
  }
  if (Option.isNone(value)) return done ? { _tag: "Done" } : { _tag: absent ? "Absent" : "Undone" }
  if (!done) return yield* new Unusable({ reason: "only what was done has given something: JSON goes with --done" })
  const json = decode(value.value)
  if (Result.isFailure(json)) return yield* new Unusable({ reason: `"${printable(value.value, 60)}" is not JSON` })
  return { _tag: "Done", value: json.success }
})

const decode = Schema.decodeUnknownResult(Schema.fromJsonString(Schema.Unknown))
