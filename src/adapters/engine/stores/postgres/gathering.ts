/**
 * Look-ups that are asked for at the same time, as one: those of one turn go together, and those that come while one is
 * under way wait for the next.
 *
 * The special rule: alone it costs nothing. Nobody waits for company that may not come.
 *
 * Not here: what is looked up (`reading.ts`).
 */
import { Effect, Exit } from "effect"

interface Waiting<Key, Row, E> {
  readonly keys: ReadonlyArray<Key>
  readonly tell: (exit: Exit.Exit<ReadonlyArray<Row>, E>) => void
}

/** More would make one answer large, and the others behind it wait. */
const MOST = 1_000

/** `find` gets each key once, and answers rows in any order. Everybody gets the rows of the keys asked for. */
export const gathering = <Key, Row, E>(
  find: (keys: ReadonlyArray<Key>) => Effect.Effect<ReadonlyArray<Row>, E>,
  keyOf: (row: Row) => Key
): ((keys: ReadonlyArray<Key>) => Effect.Effect<ReadonlyArray<Row>, E>) => {
  let waiting: Array<Waiting<Key, Row, E>> = []
  let isUnderWay = false

  const go = (): void => {
    const together = waiting.slice(0, MOST)
    waiting = waiting.slice(MOST)
    if (together.length === 0) return void (isUnderWay = false)
    const keys = [...new Set(together.flatMap((each) => each.keys))]
    Effect.runFork(find(keys)).addObserver((exit) => {
      if (Exit.isFailure(exit)) {
        for (const { tell } of together) tell(exit)
      } else {
        const rows = new Map(exit.value.map((row) => [keyOf(row), row]))
        for (const { keys, tell } of together) {
          tell(Exit.succeed(keys.map((key) => rows.get(key)).filter((row) => row !== undefined)))
        }
      }
      go()
    })
  }

  return (keys) =>
    Effect.callback((resume) => {
      const mine: Waiting<Key, Row, E> = { keys, tell: resume }
      waiting.push(mine)
      if (!isUnderWay) {
        isUnderWay = true
        queueMicrotask(go)
      }
      return Effect.sync(() => {
        waiting = waiting.filter((each) => each !== mine)
      })
    })
}
