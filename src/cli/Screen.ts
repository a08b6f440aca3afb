/**
 * Where the command writes: people's text, lines for programs, and the one line that changes in place.
 *
 * The special rule: control characters go to a terminal only, and not even there with `--quiet` or `NO_COLOR`. With
 * `--json` standard output belongs to programs, and people read standard error.
 *
 * Not here: what is written (`Report.ts`, `Progress.ts`).
 */
import { Effect } from "effect"
import { isUnheard } from "./unheard.ts"

export interface Screen {
  /** A text for people, ended by a new line. */
  readonly say: (text: string) => Effect.Effect<void>
  /** A line for programs. */
  readonly emit: (line: string) => Effect.Effect<void>
  /** Replaces the changing line; an empty text takes it away. Does nothing where control characters may not go. */
  readonly show: (text: string) => Effect.Effect<void>
  /** Whether control characters may be written. */
  readonly isLive: boolean
  /** How wide a line may be. */
  readonly columns: number
}

export const makeScreen = (options: { readonly json: boolean; readonly quiet: boolean }): Screen => {
  const people = options.json ? process.stderr : process.stdout
  const isLive = people.isTTY && !options.quiet && !process.env["NO_COLOR"] && process.env["TERM"] !== "dumb"
  let shown = false
  const clear = () => {
    const text = shown ? "\r\u001b[2K" : ""
    shown = false
    return text
  }
  return {
    // Where standard output takes nothing any more, people are told on standard error.
    say: (text) => Effect.suspend(() => write(isUnheard(people) ? process.stderr : people, `${clear()}${text}\n`)),
    emit: (line) => write(process.stdout, `${line}\n`),
    show: (text) =>
      isLive
        ? Effect.suspend(() => {
            const before = clear()
            shown = text !== ""
            return write(people, before + text)
          })
        : Effect.void,
    isLive,
    columns: people.isTTY ? people.columns || 80 : Infinity
  }
}

/** Writes, and waits when the reader is slower than we are: what is not yet read must not pile up in memory. */
const write = (stream: NodeJS.WriteStream, text: string): Effect.Effect<void> =>
  Effect.suspend(() =>
    stream.destroyed || isUnheard(stream) || stream.write(text)
      ? Effect.void
      : Effect.callback<void>((resume) => whenTaken(stream, () => resume(Effect.void)))
  )

/** Those who wait for a stream, however many orders end at the same time: it is listened to once for all of them. */
const waiting = new Map<NodeJS.WriteStream, Array<() => void>>()

const whenTaken = (stream: NodeJS.WriteStream, goOn: () => void): void => {
  const others = waiting.get(stream)
  if (others !== undefined) return void others.push(goOn)
  const all = [goOn]
  waiting.set(stream, all)
  const done = () => {
    stream.off("drain", done).off("close", done).off("error", done)
    waiting.delete(stream)
    for (const next of all) next()
  }
  stream.on("drain", done).on("close", done).on("error", done)
}
