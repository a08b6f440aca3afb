/**
 * What must hold of one order, seen by its customer: how it ends, what is left of it in the books, and what he was told.
 *
 * The special rule: nothing of the journal is asked but how the order ended and with what result.
 */
import type { ExecutionHistory } from "../../src/adapters/engine/views.ts"
import type { Customer } from "./Crowd.ts"
import { type Book, type Outside, valueOf } from "./Outside.ts"
import { naturalEnd } from "./plan.ts"
import { stepKinds } from "./orders.ts"
import type { Told } from "./wire.ts"

export const checkOrder = (
  customer: Customer,
  execution: ExecutionHistory,
  outside: Outside,
  violated: (what: string) => void
): void => {
  const { errands, isAcknowledged, isCancelAsked, plan, told } = customer
  const { status } = execution
  const end = naturalEnd(customer)
  const isPossible = status === end || (status === "cancelled" && isCancelAsked)
  if (!isPossible) violated(`it ended as ${status}, ${isCancelAsked ? `cancelled or ${end}` : end} was to be expected`)
  const isCancelled = execution.events.some(({ kind }) => kind === "cancel")
  if (isCancelled !== (status === "cancelled"))
    violated(`it ended as ${status}${isCancelled ? ", and was cancelled" : ""}`)

  const books = [...outside.books.values()].filter(({ order }) => order === plan.id)
  checkBooks(status === "completed", customer, books, violated)
  const outcome = execution.outcome as Outcome | null // sound: the written form of an exit
  if (status === "completed") checkResult(customer, resultOf(outcome), books, violated)
  if (errands.isAttended && isAcknowledged && told.length === 0) violated("its end was told to nobody")
  for (const one of told) checkTold(one, execution, outcome, violated)
  if (told.length > 1 && told.at(-1)!.found !== "finished") violated("it had ended, and was not found finished")
}

interface Outcome {
  readonly ok?: ReadonlyArray<string>
  readonly cause?: ReadonlyArray<{ readonly fail?: { readonly _tag: string } }>
}
const resultOf = (outcome: Outcome | null): ReadonlyArray<string> => outcome?.ok ?? []

/** What each step has left outside: once what succeeded, nothing of what did not. */
const checkBooks = (
  isCompleted: boolean,
  { plan }: Customer,
  books: ReadonlyArray<Book>,
  violated: (what: string) => void
): void => {
  const wanted = new Set([
    "charge",
    "reserve",
    ...(plan.holds ? ["hold", "approve"] : []),
    ...(plan.parcel === "sent" ? ["pack", "hand"] : [])
  ])
  for (const [step, kind] of Object.entries(stepKinds)) {
    const count = (isUndo: boolean) =>
      books.reduce((sum, book) => sum + (book.step === step && book.isUndo === isUndo ? book.happened.length : 0), 0)
    const left = count(false) - count(true)
    if (kind === "a letter" || (kind === "kept" && !isCompleted)) {
      if (left > 1) violated(`${step} happened ${left} times`)
    } else if (left !== (isCompleted && wanted.has(step) ? 1 : 0))
      violated(`${step} happened ${count(false)} times, and was taken back ${count(true)} times`)
  }
  const twice = books.filter(({ happened }) => happened.length > 1)
  for (const { happened, isUndo, key, step } of twice)
    violated(`${isUndo ? "undo " : ""}${step} ${key.slice(0, 8)} happened ${happened.length} times under one key`)
}

/** The result names what is left outside, and a word that was sent. */
const checkResult = (
  { plan, words }: Customer,
  [word = "", ...values]: ReadonlyArray<string>,
  books: ReadonlyArray<Book>,
  violated: (what: string) => void
): void => {
  const known = new Set(books.filter(({ happened, isUndo }) => happened.length > 0 && !isUndo).map(valueOf))
  for (const value of values)
    if (value !== "?" && !known.has(value)) violated(`its result names "${value}", which did not happen`)
  const possible = plan.word === "none" ? ["-"] : plan.word === "waits" ? words : ["nothing", ...words]
  if (!possible.includes(word)) violated(`it heard "${word}", of ${possible.join(", ")}`)
  const length = 3 + (plan.holds ? 2 : 0) + (plan.parcel === "sent" ? 2 : 0)
  if (values.length !== length) violated(`its result has ${values.length} parts instead of ${length}`)
}

/** Told is what is stored, each time. */
const checkTold = (
  { result, status, undone }: Told,
  execution: ExecutionHistory,
  outcome: Outcome | null,
  violated: (what: string) => void
): void => {
  if (status !== execution.status) violated(`it was told to be ${status}, and is ${execution.status}`)
  const stored =
    status === "completed" ? resultOf(outcome) : status === "refused" ? outcome?.cause?.[0]?.fail?._tag : result
  if (JSON.stringify(stored) !== JSON.stringify(result))
    violated(`it was told ${JSON.stringify(result)}, and ${JSON.stringify(stored)} is stored`)
  const recorded = execution.events
    .filter(({ kind }) => kind === "undone")
    .map(({ call }) => execution.events.find(({ n }) => n === call)?.subject)
  if (status !== "completed" && JSON.stringify(recorded) !== JSON.stringify(undone))
    violated(`it was told that ${undone.join(", ")} were taken back, and ${recorded.join(", ")} is stored`)
}
