/**
 * What is done when nobody can read what is written: the reader of a pipe has gone, a disk is full.
 *
 * The special rule: it is no accident. A reader that has gone ends the command without a word; a stream that takes
 * nothing for another reason ends it with one sentence. What was asked of the journal is written down by then. Where
 * only standard error takes nothing, what is asked for goes on, and the exit code says how it went.
 *
 * Not here: a run, which lets its orders come to a record first (`leaving.ts`).
 */

/** Is told once of each stream that takes nothing any more, in words for people. */
type OnUnheard = (what: string, is: { readonly closed: boolean; readonly output: boolean }) => void

const leave: OnUnheard = (what, is) => {
  if (!is.output) return
  if (!is.closed) process.stderr.write(`firebreak: ${what}\n`)
  process.exit(is.closed ? 130 : 1)
}

let onUnheard = leave
const unheard = new Set<NodeJS.WriteStream>()

/** Whether this stream takes nothing any more. */
export const isUnheard = (stream: NodeJS.WriteStream): boolean => unheard.has(stream)

/** Listens to both streams for as long as the process lives. */
export const listenToStreams = (): void => {
  const listen = (stream: NodeJS.WriteStream, name: string) =>
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (unheard.has(stream)) return
      unheard.add(stream)
      const isClosed = error.code === "EPIPE"
      const reason = error.code === "ENOSPC" ? "there is no space left on the device" : error.message
      onUnheard(`${name} ${isClosed ? "was closed" : `cannot be written: ${reason}`}`, {
        closed: isClosed,
        output: stream === process.stdout
      })
    })
  listen(process.stdout, "standard output")
  listen(process.stderr, "standard error")
}

/** From now on something else is done about it. Answers how to go back. */
export const whenUnheard = (instead: (what: string) => void): (() => void) => {
  onUnheard = instead
  return () => void (onUnheard = leave)
}
