/**
 * A session with the server that is there when it is needed: made at first use, and made again when it ended.
 *
 *   idle ─▶ connecting ─▶ prepared ─▶ in use ─▶ (ended by anybody) ─▶ idle
 *
 * The special rule: it is known whether a statement was sent. What fails before is `NotSent`, and what gets no answer is
 * `Lost`. To tell them apart the socket is ours, and is looked at before each statement.
 *
 * This is the driver's connection, not the `SqlClient` around it: a client would take any session of its pool, and a
 * statement takes 20 µs less of the processor here (45 instead of 65, with 25 parameters).
 *
 * Not here: what the sessions are for (`makePostgresStore.ts`), and the one that has to live (`Ownership.ts`).
 */
import { Effect, Exit, Scope, Semaphore } from "effect"
import { isSqlError } from "effect/sql/SqlError"
import type { SqlError } from "effect/sql/SqlError"
import type { Address } from "./address.ts"
import { answered, openLine } from "./line.ts"
import type { Line } from "./line.ts"
import { faultOf, PostgresFault } from "./PostgresFault.ts"
import { pause } from "./pause.ts"

export interface Session<E = never> {
  /** Runs `body` on the connection, connecting first if need be. */
  readonly use: <A, E2>(
    body: (line: Line) => Effect.Effect<A, E2>
  ) => Effect.Effect<A, PostgresFault | E | Exclude<E2, SqlError>>
}

/** Longer takes no answer on a server that is well. The connection is given up then, so that another can be tried. */
const ANSWER_WITHIN = 30_000
const LONGEST_PAUSE = 1_000

/** `prepare` comes first on each new connection. `shared` lets several fibers use it at once. */
export const makeSession = <E = never>(options: {
  readonly address: Address
  /** What the server shows it as. */
  readonly label: string
  readonly shared?: boolean
  /** In milliseconds. */
  readonly answerWithin?: number
  readonly prepare?: (line: Line) => Effect.Effect<unknown, SqlError | E>
}): Effect.Effect<Session<E>, never, Scope.Scope> =>
  Effect.gen(function* () {
    const { address, label, shared = false, answerWithin = ANSWER_WITHIN, prepare = () => Effect.void } = options
    // Its place among the finalizers is taken now, not at first use: who opened the store later still commits while leaving.
    const home = yield* Effect.flatMap(Scope.Scope, Scope.fork)
    const gate = Semaphore.makeUnsafe(1)
    let current: { readonly line: Line; readonly scope: Scope.Closeable } | undefined
    let isClosed = false
    let pauseFor = 0
    yield* Effect.addFinalizer(() => Effect.sync(() => void (isClosed = true)))

    const connect: Effect.Effect<Line, PostgresFault | E> = Effect.gen(function* () {
      if (current?.line.isUp() === true) return current.line // somebody else was faster
      if (current !== undefined) yield* Scope.close(current.scope, Exit.void)
      current = undefined
      if (pauseFor > 0) yield* pause(pauseFor)
      if (isClosed) return yield* new PostgresFault({ kind: "NotSent", code: "", detail: "it was closed" })
      const scope = yield* Scope.fork(home)
      const line = yield* openLine(address, label, shared).pipe(
        Scope.provide(scope),
        Effect.mapError((error) => faultOf(error, false, false)),
        Effect.tap((line) => prepared(line, answered(line, prepare(line), answerWithin))),
        Effect.onExit((exit) => {
          pauseFor = Exit.isSuccess(exit) ? 0 : Math.min(Math.max(pauseFor * 2, 20), LONGEST_PAUSE)
          return Exit.isSuccess(exit) ? Effect.void : Scope.close(scope, Exit.void)
        })
      )
      current = { line, scope }
      return line
    })

    return {
      use: (body) =>
        Effect.suspend(() =>
          current?.line.isUp() === true && !isClosed
            ? run(current.line, body, answerWithin)
            : Effect.flatMap(gate.withPermit(connect), (line) => run(line, body, answerWithin))
        )
    }
  })

/** Whatever goes wrong before it is prepared, nothing of what it is for was sent. But tables that are gone stay gone. */
const prepared = <E>(
  line: Line,
  body: Effect.Effect<unknown, SqlError | E>
): Effect.Effect<unknown, PostgresFault | E> =>
  Effect.mapError(body, (error) => {
    if (!isSqlError(error)) return error
    const fault = faultOf(error, true, line.isUp())
    return fault.kind === "Broken" ? fault : new PostgresFault({ ...fault, kind: "NotSent" })
  })

const run = <A, E>(line: Line, body: (line: Line) => Effect.Effect<A, E>, within: number) =>
  Effect.mapError(answered(line, body(line), within), (error) =>
    // What is no SqlError is one of the others.
    isSqlError(error) ? faultOf(error, true, line.isUp()) : (error as Exclude<E, SqlError>)
  )
