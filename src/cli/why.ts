/**
 * `firebreak why ID`: why an order failed or cannot go on, as the tree of the jobs in which that happened.
 */
import { Effect } from "effect"
import * as Command from "effect/cli/Command"
import type { ExecutionHistory, Why } from "../app.ts"
import { latestRun, onJournal, orderArgument, visiting } from "./journal.ts"
import { jsonLine, printable } from "./printable.ts"

export const why = Command.make("why", { ...onJournal, id: orderArgument }, (options) =>
  visiting(options, (journal, screen) =>
    Effect.gen(function* () {
      const name = yield* latestRun(journal, options.id)
      const because = yield* journal.why(name)
      const history = yield* journal.show(name)
      const { status } = history
      if (options.json) return yield* screen.emit(jsonLine({ order: history.name, status, why: because }))
      yield* screen.say(
        because === null
          ? `${printable(history.name)} is ${status}: nothing has failed`
          : [
              `${printable(history.name)} is ${status}: ${printable(because.message)}`,
              ...tree(because),
              ...advice(history)
            ].join("\n")
      )
    })
  )
).pipe(
  Command.withDescription(
    "Says why an order failed or cannot go on: who failed, in which job, and what a person can do."
  ),
  Command.withShortDescription("Say why an order failed, or cannot go on")
)

/** What a person can do about an execution that waits for one. */
export const advice = ({ name, status, steps }: ExecutionHistory): ReadonlyArray<string> => {
  const id = /^[\w#.:/-]+$/.test(name) && !name.startsWith("#") ? name : `'${printable(name)}'`
  if (status === "blocked") return ["", `try it again with: firebreak retry ${id}`]
  if (status !== "stuck") return []
  return steps.flatMap(({ key, state, step, undo }) => {
    const which = `${id} ${key === null ? step : `${step}/${key}`}`
    if (undo === "stuck")
      return ["", `taken back by hand? firebreak settle ${which} --undone`, `or try again:       firebreak retry ${id}`]
    if (state === "asking")
      return [
        "",
        `did it happen?    firebreak settle ${which} --done`,
        `or did it not?    firebreak settle ${which} --absent`
      ]
    return []
  })
}

interface Node {
  readonly name: string
  readonly says: Array<string>
  readonly below: Map<string, Node>
}

const tree = ({ failures }: Why): ReadonlyArray<string> => {
  const root: Node = { name: "", says: [], below: new Map() }
  failures.forEach(({ job, message, stack, tag }, at) => {
    let here = root
    for (const name of job.split(" / ")) {
      const next = here.below.get(name) ?? { name, says: [], below: new Map() }
      here.below.set(name, next)
      here = next
    }
    const first = at === 0 && failures.length > 1 ? "failed first: " : ""
    here.says.push(`${first}${tag === null ? "" : `${printable(tag, 80)}: `}${printable(message)}`)
    for (const line of (stack ?? "").split("\n").slice(1, 4)) here.says.push(printable(line.trim()))
  })
  return root.below.size === 0 ? [] : ["", ...[...root.below.values()].flatMap((node) => drawn(node, "", ""))]
}

const drawn = ({ below, name, says }: Node, first: string, rest: string): ReadonlyArray<string> => {
  const children = [...below.values()]
  return [
    `${first}${printable(name, 120)}`,
    ...says.map((line) => `${rest}${children.length > 0 ? "│ " : "  "}${line}`),
    ...children.flatMap((child, at) =>
      at === children.length - 1 ? drawn(child, `${rest}└─ `, `${rest}   `) : drawn(child, `${rest}├─ `, `${rest}│  `)
    )
  ]
}
