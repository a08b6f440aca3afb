/**
 * Launching on a long-lived supervisor what its onFailure does not take.
 */
import { Effect } from "effect"
import { Supervisor } from "firebreak/supervision"
import { mailAndReserve, sendMail, type SmtpDown, tick } from "./world.ts"

const forMail = Supervisor.make({ name: "mail", onFailure: (error: SmtpDown) => Effect.logWarning(error.host) })

// ── a job that the supervisor's onFailure does not cover ──
export const uncovered = Effect.flatMap(forMail, (mail) => mail.launch(mailAndReserve)) // ✗

// ── a failing job on a supervisor without onFailure ──
export const unhandled = Effect.gen(function*() {
  const background = yield* Supervisor.make({ name: "background" })
  yield* background.launch(sendMail) // ✗
})

// ── an onFailure of its own for one job ──
export const own = Effect.flatMap(forMail, (mail) => mail.launch(tick, { onFailure: () => Effect.void })) // ✗

// ── forgetting that the supervisor may be closed ──
export const open: Effect.Effect<void, never> = Effect.scoped(Effect.gen(function*() { // ✗
  yield* (yield* forMail).launch(tick)
}))

// ── forgetting that somebody has to close it ──
export const leaked = Effect.runPromise(forMail) // ✗

// ── a supervisor for less where one for more is wanted ──
export const widened = (all: Supervisor<SmtpDown | Error>): Supervisor<SmtpDown> => all
export const narrowed = (mail: Supervisor<SmtpDown>): Supervisor<SmtpDown | Error> => mail // ✗
