/**
 * Real processes for tests: started, waited for, frozen, gone.
 *
 * The special rule: none outlives its test, whatever becomes of the test.
 */
import { spawn } from "node:child_process"
import type { ChildProcess, SpawnOptions } from "node:child_process"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { Effect } from "effect"

export interface Started {
  readonly pid: number
  readonly child: ChildProcess
  /** The first line that it said. */
  readonly said: string
}

const here = fileURLToPath(new URL(".", import.meta.url))

/** What runs a program of this folder. */
export const commandOf = (program: string, args: ReadonlyArray<string>): ReadonlyArray<string> => [
  process.execPath,
  "--conditions=firebreak-source",
  `${here}${program}.ts`,
  ...args
]

/** Starts a program of this folder, and waits for its first line. */
export const started = (program: string, ...args: ReadonlyArray<string>) => startedAs(commandOf(program, args), {})

/** Starts any command, and waits for its first line; an empty one if it ends without. */
export const startedAs = ([command = "", ...args]: ReadonlyArray<string>, options: SpawnOptions) =>
  Effect.acquireRelease(
    Effect.callback<Started>((resume) => {
      const child = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "inherit"] })
      if (child.stdout === null) throw new Error("a process without output")
      const lines = createInterface(child.stdout)
      const say = (said: string) => resume(Effect.succeed({ pid: child.pid ?? 0, child, said }))
      lines.once("line", say)
      child.once("close", () => say(""))
    }),
    ({ child }) => gone(child)
  )

/** Ends a process at once, as `kill -9` does, and waits until it is gone. Answers what ended it. */
export const gone = (child: ChildProcess): Effect.Effect<string | number | null> =>
  Effect.callback((resume) => {
    const ended = () => resume(Effect.succeed(child.signalCode ?? child.exitCode))
    if (child.exitCode !== null || child.signalCode !== null) return ended()
    child.once("exit", ended)
    child.kill("SIGKILL")
  })

/** Waits until a process has ended by itself; answers its exit code. */
export const left = (child: ChildProcess): Effect.Effect<number | null> =>
  Effect.callback((resume) => {
    if (child.exitCode !== null) return resume(Effect.succeed(child.exitCode))
    child.once("exit", (code) => resume(Effect.succeed(code)))
  })

/** Starts a program of this folder, kills it when it has said so many lines, and answers the last one, a number. */
export const killedAfter = (lines: number, program: string, ...args: ReadonlyArray<string>) =>
  Effect.callback<number>((resume) => {
    const [command = "", ...rest] = commandOf(program, args)
    const child = spawn(command, rest, { stdio: ["ignore", "pipe", "inherit"] })
    let said = 0
    let last = 0
    createInterface(child.stdout)
      .on("line", (line) => {
        last = Number(line)
        if (++said === lines) child.kill("SIGKILL")
      })
      .once("close", () => resume(Effect.succeed(last)))
    return Effect.sync(() => child.kill("SIGKILL"))
  })
