/**
 * The article's table: what cancelling a job does to a request, a transaction, a streamed body and a request handler.
 *
 * Kotlin:  Retrofit     call.cancel(), and the server may have done it anyway
 *          Room         rolls back, unless somebody swallows the CancellationException inside the transaction
 *          Ktor client  closes the connection mid-stream
 *          Ktor server  a handler that computes must ask `isActive`
 *
 * Here: the clean-up of an interrupted effect is part of it (`Effect.callback`, `onExit`, `Stream.ensuring`). Nothing can
 * swallow an interruption inside a transaction, so no half of it is committed; and effects are interrupted between any
 * two steps, so only one long synchronous step goes on to its end.
 *
 * Not here: the same four with a real socket and a real database; a test has those.
 */
import { Console, Deferred, Effect, Exit, Stream } from "effect"
import { coroutineScope } from "firebreak/supervision"
import { printIfMain, seedProgram } from "./harness/SeedProgram.ts"
import { cancelledAfter, sayStatus } from "./harness/words.ts"

// ── Retrofit: a suspend call over OkHttp ─────────────────────────────────────────────────────────────────────────────

interface Call {
  readonly enqueue: (onResponse: (response: string) => void) => void
  readonly cancel: Effect.Effect<void>
}

/** What Retrofit makes of a call: waiting for the callback, and cancelling the call when nobody waits any more. */
export const executed = (call: Call): Effect.Effect<string> =>
  Effect.callback((resume) => {
    call.enqueue((response) => resume(Effect.succeed(response)))
    return call.cancel
  })

/** A server that, once asked, commits after 100 ms and answers 50 ms later, whether or not anybody still listens. */
const makeCall = Effect.gen(function* () {
  let respond: (response: string) => void = () => {}
  const asked = yield* Deferred.make<void>()
  const call: Call = {
    enqueue: (onResponse) => {
      respond = onResponse
      Deferred.doneUnsafe(asked, Exit.void)
    },
    cancel: Console.log("okhttp: call.cancel()")
  }
  const server = Effect.gen(function* () {
    yield* Deferred.await(asked)
    yield* Console.log("okhttp: enqueue")
    yield* Effect.sleep(100)
    yield* Console.log("server: committed the request anyway")
    yield* Effect.sleep(50)
    respond("200 OK")
    yield* Console.log("okhttp: late callback, delivered=true but nobody is listening")
  })
  return { call, server }
})

export const S05 = seedProgram("S05", "Retrofit: the client's side of a request is cancelled", {
  "the call is cancelled once, the server commits, the late answer goes nowhere": Effect.gen(function* () {
    const { call, server } = yield* makeCall
    yield* coroutineScope(function* (scope) {
      yield* scope.launch(server, { name: "server" })
      const client = Effect.flatMap(executed(call), (response) => Console.log(`client: ${response}`))
      yield* cancelledAfter(50, client)
    })
  })
})

// ── Room: withTransaction ────────────────────────────────────────────────────────────────────────────────────────────

type Stage = (row: string) => Effect.Effect<void>

/** Commits what `body` staged when it succeeds, and only then. */
export const withTransaction = (table: Array<string>, body: (stage: Stage) => Effect.Effect<void>) =>
  Effect.suspend(() => {
    const staged: Array<string> = []
    return Console.log("BEGIN").pipe(
      Effect.andThen(body((row) => Effect.sync(() => void staged.push(row)))),
      Effect.onExit((exit) => {
        if (Exit.isFailure(exit)) return Console.log(`ROLLBACK [${staged.join(", ")}]`)
        table.push(...staged)
        return Console.log(`COMMIT [${staged.join(", ")}]`)
      })
    )
  })

const sayTable = (table: ReadonlyArray<string>) => Console.log(`table=[${table.join(", ")}]`)

export const S06 = seedProgram("S06", "Room: a transaction is cancelled", {
  "it rolls back, and an attempt to swallow the cancellation inside it commits nothing either": Effect.gen(
    function* () {
      const table: Array<string> = []
      const threeRows = withTransaction(table, (stage) =>
        stage("a").pipe(
          Effect.andThen(Effect.sleep(50)),
          Effect.andThen(stage("b")),
          Effect.andThen(Effect.sleep(50)),
          Effect.andThen(stage("c"))
        )
      )
      const swallowing = withTransaction(table, (stage) =>
        stage("a").pipe(
          Effect.andThen(Effect.sleep(50)),
          Effect.catchCause((cause) => Console.log(`swallowed ${cause}`)),
          Effect.andThen(stage("partial"))
        )
      )
      yield* Effect.asVoid(
        coroutineScope(function* (scope) {
          const job = yield* scope.launch(threeRows)
          yield* Effect.sleep(75)
          yield* job.cancelAndJoin
          yield* sayTable(table)
        })
      )
      yield* Effect.asVoid(
        coroutineScope(function* (scope) {
          const job = yield* scope.launch(swallowing)
          yield* Effect.sleep(25)
          yield* job.cancelAndJoin
          yield* sayTable(table)
        })
      )
    }
  )
})

// ── Ktor client: a streamed body ─────────────────────────────────────────────────────────────────────────────────────

/** A body of four chunks, one every 50 ms, over a connection that is closed however reading it ends. */
const streamedBody = (read: Array<string>) =>
  Stream.fromIterable([1, 2, 3, 4]).pipe(
    Stream.mapEffect((n) => Effect.as(Effect.sleep(50), `chunk${n}`)),
    Stream.tap((chunk) => Effect.sync(() => read.push(chunk))),
    Stream.ensuring(Effect.suspend(() => Console.log(`connection.close(); body so far=[${read.join(", ")}]`)))
  )

export const S07 = seedProgram("S07", "Ktor client: a body is cancelled mid-stream", {
  "the connection is closed, and half a body is nobody's value": cancelledAfter(
    75,
    Effect.flatMap(Stream.runCollect(streamedBody([])), (body) => Console.log(`client: body=[${body.join(", ")}]`))
  )
})

// ── Ktor server: a handler that computes ─────────────────────────────────────────────────────────────────────────────

const steps = [0, 1, 2, 3, 4]

/** All five steps at once, in one synchronous piece. */
const computingAtOnce = (step: (n: number) => void) =>
  Effect.sync(() => {
    for (const n of steps) step(n)
  })

/** Five steps. No `isActive` to ask: interruption comes between them. */
const computingInSteps = (step: (n: number) => void) =>
  Effect.forEach(steps, (n) => Effect.sync(() => step(n)), { discard: true })

/** Runs a handler whose client disconnects during step 1, and tells how far it came. */
const disconnected = (label: string, handler: (step: (n: number) => void) => Effect.Effect<void>) =>
  coroutineScope(function* (scope) {
    const requested = yield* Deferred.make<void>()
    let ran = 0
    const job = yield* scope.launch(
      Deferred.await(requested).pipe(
        Effect.andThen(
          handler((n) => {
            ran = n + 1
            // The socket's close event comes while the step runs, as from any callback.
            if (n === 1) Effect.runSync(job.cancel)
          })
        ),
        Effect.ensuring(Effect.suspend(() => Console.log(`${label} handler ran ${ran} iterations`)))
      )
    )
    yield* Deferred.succeed(requested, undefined)
    yield* job.join
    yield* sayStatus(`${label} completed`, job)
  })

export const S08 = seedProgram("S08", "Ktor server: the client disconnects while the handler computes", {
  "one synchronous piece runs to its end; steps end with the connection": Effect.andThen(
    disconnected("check=false", computingAtOnce),
    disconnected("check=true", computingInSteps)
  )
})

printIfMain(import.meta.url, { S05, S06, S07, S08 })
