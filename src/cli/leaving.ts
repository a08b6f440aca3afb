/**
 * Ctrl-C: asked once, the run takes no more orders and lets the running ones come to a record; asked twice, it leaves.
 *
 * The special rule: two signals within a tenth of a second are one wish. A terminal, npm and a shell may each pass on
 * the same key press. Five seconds after the first wish the process has ended, whatever holds it up.
 *
 * Not here: what is done about it (`runRows.ts`).
 */
import { Deferred, Effect, type Scope } from "effect"
import { whenUnheard } from "./unheard.ts"

/** Whether the run was asked to end, and what for. */
export interface Leaving {
  readonly wanted: Effect.Effect<void>
  readonly isWanted: () => boolean
  /** Where nobody asked, but nobody reads what is written either: why not. */
  readonly unheard: () => string | undefined
  /** Sets what is said when there is no time to wait for anything. */
  readonly setLastWords: (words: () => string) => void
}

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const

/** Listens for as long as the scope is open. */
export const listen: Effect.Effect<Leaving, never, Scope.Scope> = Effect.gen(function* () {
  const wanted = Deferred.makeUnsafe<void>()
  let since: number | undefined
  let unheard: string | undefined
  let lastWords = () => "nothing was running"
  const onSignal = () => {
    const now = performance.now()
    if (since === undefined) {
      since = now
      Deferred.doneUnsafe(wanted, Effect.void)
      setTimeout(() => process.exit(130), 4_800).unref()
    } else if (now - since > 100) {
      process.stderr.write(`\nfirebreak: left at once; ${lastWords()}\n`)
      process.exit(130)
    }
  }
  // Whoever reads our output has gone: there is nobody left to tell, which is as good as a wish to end.
  const onUnheard = (why: string) => {
    if (since !== undefined) return
    unheard = why
    onSignal()
  }
  yield* Effect.acquireRelease(
    Effect.sync(() => {
      for (const signal of signals) process.on(signal, onSignal)
      return whenUnheard(onUnheard)
    }),
    (goBack) =>
      Effect.sync(() => {
        goBack()
        for (const signal of signals) process.off(signal, onSignal)
      })
  )
  return {
    wanted: Deferred.await(wanted),
    isWanted: () => since !== undefined,
    unheard: () => unheard,
    setLastWords: (words) => void (lastWords = words)
  }
})
