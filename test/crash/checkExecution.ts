/**
 * What must hold of one execution: each call of a step as the journal has it, against what happened under its keys.
 *
 * The special rule: a step may be asked for as often as the journal has attempts of it, and not once more; it happened
 * if the journal says so, and was taken back if its scope or its execution did not succeed: once, newest first.
 */
import { stepKeyOf } from "../../src/adapters/engine/keys.ts"
import { ends } from "../../src/adapters/engine/Store.ts"
import type { ExecutionHistory, StepView } from "../../src/adapters/engine/views.ts"
import type { Evidence } from "./check.ts"
import { stepKinds } from "./orders.ts"
import type { Book, Outside } from "./Outside.ts"

/** One call of a step. */
interface Account {
  readonly view: StepView
  /** By generation of its key, oldest first: the key, and how many attempts are recorded. */
  readonly dos: ReadonlyArray<{ readonly key: string; readonly attempts: number }>
  readonly undo: { readonly key: string; readonly attempts: number }
  /** The number of the event that says how it came out. */
  readonly endedBy: number
}

/** Answers the keys that belong to it. */
export const checkExecution = (
  { namespace, outside }: Evidence,
  execution: ExecutionHistory,
  violated: (what: string) => void
): ReadonlyArray<string> => {
  const { events, status } = execution
  events.forEach(({ n }, index) => {
    if (n !== index + 1) violated(`event ${n} stands at place ${index + 1}`)
  })
  if (!ends.has(status)) violated(`it has not ended: ${status}`)
  const signals = events.filter(({ kind }) => kind === "signal")
  if (new Set(signals.map(({ subject }) => subject)).size < signals.length) violated("a signal was delivered twice")

  const accounts = execution.steps.map((view) => accountOf(namespace, execution, view))
  for (const [key, uses] of Map.groupBy(accounts.flatMap(usesOf), ({ key }) => key))
    checkKey(bookOf(outside, key), uses, violated)
  for (const account of accounts) checkUndo(execution, account, outside, violated)
  for (const list of listsOf(execution)) checkOrderOfUndos(list, accounts, outside, violated)
  return accounts.flatMap(({ dos, undo }) => [...dos.map(({ key }) => key), undo.key])
}

const accountOf = (namespace: string, { events, id }: ExecutionHistory, view: StepView): Account => {
  const { call, key, step } = view
  const parts = { namespace, execution: id, step, key }
  const started = events.find(({ n }) => n === call)!
  let generation = (started.data as { readonly gen: number }).gen // sound: what the event of a step holds
  const attempts = new Map([[generation, 1]])
  let undos = 0
  let endedBy = 0
  for (const event of events.filter((event) => event.call === call)) {
    if (event.kind === "attempt") attempts.set(generation, (attempts.get(generation) ?? 0) + 1)
    if (event.kind === "retrying") generation = (event.data as { readonly gen?: number }).gen ?? generation // sound: as above
    if (event.kind === "undo") undos++
    if (event.kind === "done") endedBy = event.n
  }
  return {
    view,
    dos: [...attempts].map(([generation, attempts]) => ({
      key: stepKeyOf({ ...parts, generation, isUndo: false }),
      attempts
    })),
    undo: { key: stepKeyOf({ ...parts, generation, isUndo: true }), attempts: undos },
    endedBy
  }
}

/** What a call has to do with a key. A step that surely did not happen is asked for again with the key that it had. */
interface Use {
  readonly key: string
  readonly name: string
  readonly attempts: number
  /** How often it happened under this key, as far as the journal says so: at least, at most. */
  readonly happened: readonly [number, number]
}

const usesOf = (account: Account): ReadonlyArray<Use> => {
  const { dos, view } = account
  return dos.map(({ attempts, key }, index) => {
    const isLast = index === dos.length - 1
    const happened = isLast && view.state === "done" ? [1, 1] : isLast && view.state === "left" ? [0, 1] : [0, 0]
    return { key, attempts, name: nameOf(account), happened: happened as [number, number] } // sound: each is a pair
  })
}

const nameOf = ({ view: { call, state, step } }: Account): string => `${step} (event ${call}, ${state})`

const checkKey = (
  { asked, happened }: Pick<Book, "asked" | "happened">,
  uses: ReadonlyArray<Use>,
  violated: (what: string) => void
): void => {
  const sum = (of: (use: Use) => number) => uses.reduce((sum, use) => sum + of(use), 0)
  const names = uses.map(({ name }) => name).join(" and ")
  const attempts = sum((use) => use.attempts)
  if (asked > attempts) violated(`${names} was asked for ${asked} times, and ${attempts} attempts are recorded`)
  const [least, most] = [sum((use) => use.happened[0]), sum((use) => use.happened[1])]
  if (happened.length < least || happened.length > most) violated(`${names} happened ${happened.length} times`)
}

/** The lists of what was to be taken back, each decided at once: the events that they name. */
const listsOf = ({ events }: ExecutionHistory): ReadonlyArray<ReadonlyArray<number>> =>
  events
    .filter(({ kind }) => kind === "outcome" || kind === "undo-scope")
    .map(({ data }) => (data as { readonly calls: ReadonlyArray<number> }).calls) // sound: what these events hold

const checkUndo = (
  execution: ExecutionHistory,
  account: Account,
  outside: Outside,
  violated: (what: string) => void
): void => {
  const { dos, undo, view } = account
  const { call, state, step } = view
  // Of what did not happen nothing can be left outside: the order as a whole says so.
  if (state !== "done") return
  const name = nameOf(account)
  const undoAsked = bookOf(outside, undo.key).asked
  if (undoAsked > undo.attempts)
    violated(`the undo of ${name} was asked for ${undoAsked} times, and ${undo.attempts} attempts are recorded`)

  const undone = bookOf(outside, undo.key).happened.length
  const isListed = listsOf(execution).some((calls) => calls.includes(call))
  const isToUndo = stepKinds[step] === "taken back" && (execution.status !== "completed" || isListed)
  if (undone !== (isToUndo ? 1 : 0)) violated(`${name} was taken back ${undone} times`)
  if (isToUndo && view.undo !== "undone") violated(`${name} was to be taken back, and is ${view.undo}`)
  if (isToUndo && undone > 0 && bookOf(outside, undo.key).happened[0]! < bookOf(outside, dos.at(-1)!.key).happened[0]!)
    violated(`${name} was taken back before it happened`)
  if (isToUndo && !isListed) violated(`${name} was to be taken back, and no decision names it`)
}

const checkOrderOfUndos = (
  list: ReadonlyArray<number>,
  accounts: ReadonlyArray<Account>,
  outside: Outside,
  violated: (what: string) => void
): void => {
  const named = list.flatMap((call) => accounts.find(({ view }) => view.call === call) ?? [])
  for (const [index, older] of named.entries()) {
    const newer = named[index - 1]
    if (newer === undefined) continue
    const what = `${newer.view.step} and ${older.view.step}`
    if (newer.endedBy < older.endedBy) violated(`${what} stand in the wrong order in a decision`)
    const [first, second] = [newer, older].map(({ undo }) => bookOf(outside, undo.key).happened[0])
    if (first !== undefined && second !== undefined && first > second)
      violated(`${what} were taken back in the wrong order`)
  }
}

const nothing: Pick<Book, "asked" | "happened"> = { asked: 0, happened: [] }
const bookOf = (outside: Outside, key: string) => outside.books.get(key) ?? nothing
