/**
 * `firebreak why ID`: why an order failed or cannot go on, as the tree of its scopes, jobs and steps.
 *
 * Not here: the whole history of an order (`show.ts`).
 */
import { Effect } from "effect"
import * as Command from "effect/cli/Command"
import { defaultJournal, type ExecutionHistory, journalName, type StepView, type Why } from "../app.ts"
import { columns } from "./columns.ts"
import { latestRun, onJournal, orderArgument, unattended, visiting } from "./journal.ts"
import { failureWords, reasonOf } from "./failureWords.ts"
import { jsonLine, printable } from "./printable.ts"
import { stateWords, stepName } from "./stepWords.ts"

export const why = Command.make("why", { ...onJournal, id: orderArgument }, (options) =>
  visiting(options, (journal, screen) =>
    Effect.gen(function* () {
      const history = yield* journal.show(yield* latestRun(journal, options.id))
      const { name, status } = history
      if (options.json) return yield* screen.emit(jsonLine({ order: name, status, why: history.why }))
      yield* screen.say([...inWords(history, options), ...(yield* unattended(history, options))].join("\n"))
    })
  )
).pipe(
  Command.withDescription(
    "Says why an order failed or cannot go on: who failed, in which job, what was taken back, and what a person can do."
  ),
  Command.withShortDescription("Say why an order failed, or cannot go on")
)

const inWords = (history: ExecutionHistory, options: Parameters<typeof advice>[1]): ReadonlyArray<string> => {
  const { name, status, why } = history
  if (why === null) return [`${printable(name)} is ${status}: nothing has failed`]
  const tree = treeOf(history, why)
  return [
    `${printable(name)} is ${status}: ${reasonOf(history)}`,
    ...(tree === "" ? [] : ["", tree]),
    ...advice(history, options)
  ]
}

/** What a person can do about an execution that waits for one. */
export const advice = (
  history: ExecutionHistory,
  { id: asked, journal }: { readonly id: string; readonly journal: string }
): ReadonlyArray<string> => {
  const { name, status, steps } = history
  // What a shell would read otherwise is quoted.
  const quoted = (text: string) => (/^[\w.][\w#.:/-]*$/.test(text) ? text : `'${printable(text)}'`)
  // Who asks by the id of an execution may have been told that its name is not its own.
  const id = quoted(asked === history.id ? asked : name)
  const where = journal === defaultJournal ? "" : ` --journal ${quoted(journalName(journal))}`
  if (status === "blocked") {
    return [
      "",
      `to try it again:    firebreak retry ${id}${where}`,
      `to take it back:    firebreak cancel ${id}${where}`
    ]
  }
  if (status !== "stuck") return []
  return steps.flatMap((step) => {
    const which = `${id} ${stepName(step)}`
    if (step.undo === "stuck") {
      return [
        "",
        `taken back by hand: firebreak settle ${which} --undone${where}`,
        `to try it again:    firebreak retry ${id}${where}`
      ]
    }
    if (step.state !== "asking") return []
    return [
      "",
      `if it happened:     firebreak settle ${which} --done '<JSON of its result>'${where}`,
      `if it did not:      firebreak settle ${which} --absent${where}`
    ]
  })
}

interface Node {
  readonly name: string
  readonly says: Array<string>
  readonly below: Map<string, Node>
}

const node = (name: string): Node => ({ name, says: [], below: new Map() })

const treeOf = ({ outcome, steps, workflow }: ExecutionHistory, { failures }: Why): string => {
  const root = node("")
  const at = (path: ReadonlyArray<string>) => {
    let here = root
    for (const name of path) {
      const next = here.below.get(name) ?? node(name)
      here.below.set(name, next)
      here = next
    }
    return here
  }
  for (const step of steps) {
    // What the story does outside of any scope stands right below it.
    const path = step.path === "" ? [workflow] : step.path.split(" / ")
    const name = stepName(step)
    // A job that is named like its only step is shown as one.
    at(path.at(-1) === name ? path : [...path, name]).says.push(outcomeOf(step))
  }
  failures.forEach(({ job, message, stack, tag }, place) => {
    const first = failures.length > 1 && place === 0 ? "failed first: " : "failed: "
    const frames = (stack ?? "").split("\n").slice(1, 3)
    at(job.split(" / ")).says.push(
      [
        first + failureWords({ message, tag }, place === 0 ? outcome : null),
        ...frames.map((line) => printable(line.trim()))
      ].join(" ")
    )
  })
  return columns([...root.below.values()].flatMap((top) => drawn(top, "", "")))
}

const outcomeOf = ({ reason, state, undo }: StepView): string => {
  const because = reason === null || (state === "done" && undo !== "stuck") ? "" : `: ${printable(reason)}`
  if (undo === "undone") return "done, and taken back"
  if (undo === "stuck") return `done, and could not be taken back${because}`
  if (undo === "pending" || undo === "undoing") return "done, and is being taken back"
  return `${stateWords[state]}${because}`
}

const drawn = ({ below, name, says }: Node, first: string, rest: string): ReadonlyArray<ReadonlyArray<string>> => {
  const children = [...below.values()]
  return [
    [`${first}${printable(name, 80)}`, says.join("; ")],
    ...children.flatMap((child, place) =>
      place === children.length - 1
        ? drawn(child, `${rest}└─ `, `${rest}   `)
        : drawn(child, `${rest}├─ `, `${rest}│  `)
    )
  ]
}
