/**
 * What is done when nobody can read what is written: the reader of a pipe has gone, a disk is full.
 *
 * The special rule: it is no accident. A reader that has gone ends the command without a word; a stream that takes
 * nothing for another reason ends it with one sentence. What was asked of the journal is written down by then. Where
 * only standard error takes nothing, what is asked for goes on, and the exit code says how it went.
 *
 * Not here: a run, which lets its orders come to a record first (`leaving.ts`).
 */

/** Is told once why standard output takes nothing any more, in words for people. */
type OnUnheard = (why: string, isClosed: boolean) => void

const leave: OnUnheard = (why, isClosed) => {
  if (!isClosed) process.stderr.write(`firebreak: ${why}\n`)
  process.exit(isClosed ? 130 : 1)
}

let onUnheard = leave
const unheard = new Set<NodeJS.WriteStream>()

/** Whether this stream takes nothing any more. */
export const isUnheard = (stream: NodeJS.WriteStream): boolean => unheard.has(stream)

/** Listens to both streams for as long as the process lives. */
export const listenToStreams = (): void => {
  process.stderr.on("error", () => unheard.add(process.stderr))
  process.stdout.on("error", ({ code, message }: NodeJS.ErrnoException) => {
    if (isUnheard(process.stdout)) return
    unheard.add(process.stdout)
    const reason = code === "ENOSPC" ? "there is no space left on the device" : message
    const isClosed = code === "EPIPE"
    onUnheard(`standard output ${isClosed ? "was closed" : `cannot be written: ${reason}`}`, isClosed)
  })
}

/** From now on something else is done about it. Answers how to go back. */
export const whenUnheard = (instead: (why: string) => void): (() => void) => {
  onUnheard = instead
  return () => void (onUnheard = leave)
}
