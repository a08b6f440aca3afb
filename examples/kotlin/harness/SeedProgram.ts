/**
 * What the programs in this folder have in common: a number, a sentence, runs that print, and virtual time.
 *
 * A run prints with `Console.log`, and its trace is what it printed with the time in front, as in `  100 cancelled e3`.
 * Time is virtual, so a trace is the same on every machine and takes no time.
 *
 * Not here: what the articles' classes need from outside (`words.ts`).
 */
import { Cause, Clock, Console, Effect, Fiber } from "effect"
import type { Scope } from "effect"
import { TestClock } from "effect/testing"
import { fileURLToPath } from "node:url"
import { type ScopeClosed, UncaughtHandler } from "firebreak/supervision"
import { described } from "./words.ts"

/** What is printed and compared. All failures are handled in it, but launching on a closed scope. */
export type Run = Effect.Effect<unknown, ScopeClosed, Scope.Scope>

export interface SeedProgram<Runs extends Readonly<Record<string, Run>> = Readonly<Record<string, Run>>> {
  /** Its number among the 44, such as `S02c`. */
  readonly id: string
  readonly shows: string
  /** By what happens in it. */
  readonly runs: Runs
}

export const seedProgram = <const Runs extends Readonly<Record<string, Run>>>(
  id: string,
  shows: string,
  runs: Runs
): SeedProgram<Runs> => ({ id, shows, runs })

/** Runs on virtual time, and gives what was printed and when. What nobody handles is printed, too: an app would crash. */
export const traceOf = Effect.fnUntraced(function* (run: Run) {
  const clock = yield* Clock.Clock
  const lines: Array<string> = []
  const print = (...words: ReadonlyArray<unknown>): void => {
    lines.push(`${String(clock.currentTimeMillisUnsafe()).padStart(5)} ${words.join(" ")}`)
  }
  const running = yield* Effect.scoped(run).pipe(
    Effect.provideService(
      Console.Console,
      Object.assign(Object.create(globalThis.console) as Console.Console, { log: print })
    ),
    Effect.provideService(UncaughtHandler, ({ cause }) =>
      Effect.sync(() => print(`UNCAUGHT (app crash) ${described(Cause.squash(cause))}`))
    ),
    Effect.forkChild
  )
  // A test clock that is moved waits for all that it woke, and whatever waits here waits for the clock.
  while (running.pollUnsafe() === undefined) {
    if (clock.currentTimeMillisUnsafe() > 10_000)
      return yield* Effect.die(new Error(`still running: ${lines.join("\n")}`))
    yield* TestClock.adjust("25 millis")
  }
  yield* Fiber.join(running)
  return lines as ReadonlyArray<string>
}, Effect.provide(TestClock.layer()))

/** Prints the traces of `programs` where the file at `url` is what Node was asked to run; nothing where it is imported. */
export const printIfMain = (url: string, programs: Readonly<Record<string, unknown>>): void => {
  if (process.argv[1] !== fileURLToPath(url)) return
  const print = Effect.forEach(Object.values(programs).filter(isSeedProgram), ({ id, runs, shows }) =>
    Effect.forEach(Object.entries(runs), ([happens, run]) =>
      Effect.flatMap(traceOf(run), (lines) => Console.log(`${id}  ${shows}: ${happens}\n${lines.join("\n")}\n`))
    )
  )
  Effect.runFork(print)
}

/** For those who collect the programs of a whole file. */
export const isSeedProgram = (value: unknown): value is SeedProgram =>
  typeof value === "object" && value !== null && "id" in value && "runs" in value && "shows" in value
