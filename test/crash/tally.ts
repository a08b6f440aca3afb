/**
 * What a crash run comes to, in numbers.
 *
 * Not here: what must hold (`check.ts`), and the words for it (`report.ts`).
 */
import type { ExecutionHistory } from "../../src/adapters/engine/views.ts"
import type { Violation } from "./check.ts"
import type { Crowd } from "./Crowd.ts"
import type { Life } from "./Life.ts"
import type { Outside } from "./Outside.ts"

export interface CrashReport {
  readonly kills: number
  /** How many processes were asked to leave instead. */
  readonly left: number
  readonly orders: number
  readonly acknowledged: number
  readonly executions: number
  /** How many there are of each status. */
  readonly ends: ReadonlyMap<string, number>
  /** What the outside was asked to do or take back, what happened, what of it was taken back, and how often it was looked at. */
  readonly asked: number
  readonly happened: number
  readonly undone: number
  readonly looks: number
  readonly words: number
  readonly cancels: number
  /** How often an execution that was set aside was tried again. */
  readonly retried: number
  /** From the start of each process to the first progress of an execution of an earlier one, in milliseconds. */
  readonly fromStart: ReadonlyArray<number>
  /** The same from the opening of its journal. */
  readonly fromOpening: ReadonlyArray<number>
  readonly seconds: number
  readonly violations: ReadonlyArray<Violation>
}

interface Known extends Pick<CrashReport, "kills" | "left" | "seconds" | "violations"> {
  readonly executions: ReadonlyArray<ExecutionHistory>
}

export const tally = (
  { executions, ...known }: Known,
  lives: ReadonlyArray<Life>,
  { customers, retried }: Crowd,
  outside: Outside
): CrashReport => {
  const all = [...customers.values()]
  const books = [...outside.books.values()]
  const happened = (isUndo: boolean) => sum(books, (book) => (book.isUndo === isUndo ? book.happened.length : 0))
  const since = (from: "begun" | "openedAt") =>
    lives.flatMap((life) => {
      const { firstProgressAt, [from]: began } = life
      return firstProgressAt === undefined || began === undefined ? [] : [Math.max(0, firstProgressAt - began)]
    })
  const statuses = Map.groupBy(executions, ({ status }) => status)
  return {
    ...known,
    orders: all.length,
    acknowledged: all.filter(({ isAcknowledged }) => isAcknowledged).length,
    executions: executions.length,
    ends: new Map([...statuses].map(([status, of]) => [status, of.length])),
    asked: sum(books, ({ asked }) => asked),
    happened: happened(false),
    undone: happened(true),
    looks: outside.looks,
    words: sum(all, ({ words }) => words.length),
    cancels: all.filter(({ isCancelAsked }) => isCancelAsked).length,
    retried,
    fromStart: since("begun"),
    fromOpening: since("openedAt")
  }
}

const sum = <A>(all: ReadonlyArray<A>, of: (one: A) => number): number => all.reduce((sum, one) => sum + of(one), 0)
