/**
 * What must hold when everything has come to its end: the journal, the books of the outside and what was told, held
 * against each other.
 *
 * The special rule: nothing is believed because the journal says so. What it says is compared with what happened.
 *
 * Not here: single executions (`checkExecution.ts`).
 */
import type { Request } from "../../src/adapters/engine/Store.ts"
import type { ExecutionHistory } from "../../src/adapters/engine/views.ts"
import { checkExecution } from "./checkExecution.ts"
import { checkOrder } from "./checkOrder.ts"
import type { Customer } from "./Crowd.ts"
import type { Outside } from "./Outside.ts"

export interface Violation {
  /** The order it is about; none if it is about the run. */
  readonly order: string | undefined
  readonly what: ReadonlyArray<string>
  /** What the journal has of it, and what the outside knows, in order. */
  readonly events: ReadonlyArray<string>
  readonly diary: ReadonlyArray<string>
}

export interface Evidence {
  readonly namespace: string
  readonly executions: ReadonlyArray<ExecutionHistory>
  readonly customers: ReadonlyMap<string, Customer>
  readonly outside: Outside
  readonly unanswered: ReadonlyArray<Request>
  readonly troubles: ReadonlyArray<string>
}

export const check = (evidence: Evidence): ReadonlyArray<Violation> => {
  const { customers, executions, outside, troubles, unanswered } = evidence
  const found = new Map<string, Array<string>>()
  const known = new Map(executions.map((execution) => [execution.id, execution]))
  const family = Map.groupBy(executions, ({ name }) => orderOf(name))
  const violated = (order: string, what: string) => {
    const others = found.get(order)
    if (others === undefined) found.set(order, [what])
    else others.push(what)
  }

  for (const customer of customers.values()) {
    const execution = known.get(customer.id)
    if (execution !== undefined) checkOrder(customer, execution, outside, (what) => violated(customer.plan.id, what))
    else if (customer.isAcknowledged)
      violated(customer.plan.id, "lost: it was acknowledged, and the journal does not know it")
  }

  const accounted = new Set<string>()
  for (const execution of executions) {
    const order = orderOf(execution.name)
    const keys = checkExecution(evidence, execution, (what) => violated(order, `${execution.name}: ${what}`))
    for (const key of keys) accounted.add(key)
  }
  for (const { asked, happened, isUndo, key, order, step } of outside.books.values()) {
    if (accounted.has(key)) continue
    const what = `${isUndo ? "undo " : ""}${step} ${key.slice(0, 8)}`
    violated(
      order,
      `${what} was asked for ${asked} times and happened ${happened.length} times, and the journal has no start of it`
    )
  }
  for (const { data, execution, kind } of unanswered) {
    const asked = known.get(execution)
    if (asked !== undefined) violated(orderOf(asked.name), `nobody answered the request ${kind} ${data}`)
  }
  const ofRun: ReadonlyArray<Violation> = troubles.map((what) => ({
    order: undefined,
    what: [what],
    events: [],
    diary: []
  }))
  const ofOrders = [...found].map(([order, what]): Violation => {
    const events = (family.get(order) ?? []).flatMap((execution) => [
      `${execution.workflow} ${execution.name}: ${execution.status}`,
      ...execution.events.map(eventInWords)
    ])
    return { order, what, events, diary: outside.diaries.get(order) ?? [] }
  })
  return [...ofRun, ...ofOrders]
}

const orderOf = (name: string): string => name.replace("parcel of ", "")

const eventInWords = ({ call, data, kind, n, subject }: ExecutionHistory["events"][number]): string =>
  [`  ${n}`, kind, subject, call === null ? null : `of ${call}`, data === null ? null : JSON.stringify(data)]
    .filter((part) => part !== null)
    .join(" ")
