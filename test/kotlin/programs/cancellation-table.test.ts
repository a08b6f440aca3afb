/**
 * The article's table on real parts: what cancelling a job does to a socket, a transaction, a streamed body, a handler.
 *
 * Time is real here, and nothing waits for it: each step waits for the event before it, as the other side saw it.
 *
 * Not here: the same four on virtual time, beside Kotlin's traces (`fan-out-and-save-all.test.ts`).
 */
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Stream } from "effect"
import { FetchHttpClient, HttpClient, HttpRouter, HttpServerResponse } from "effect/http"
import { coroutineScope } from "firebreak/supervision"
import { database, insert, withTransaction } from "./real/database.ts"
import { type Handler, hangingUp, happening, listening } from "./real/server.ts"

const clients = [
  { name: "undici", layer: NodeHttpClient.layerUndici },
  { name: "node:http", layer: NodeHttpClient.layerNodeHttp },
  { name: "fetch", layer: FetchHttpClient.layer }
]

describe("Retrofit row: a request in flight", () => {
  it.live.each(clients)(
    "cancelling the job closes the socket, and the server may commit all the same: $name",
    ({ layer }) =>
      Effect.gen(function* () {
        const server: Array<string> = []
        const requested = happening()
        const closed = happening()
        const url = yield* listening((_request, response) => {
          server.push("request")
          requested.now()
          response.on("close", () => {
            server.push(response.writableFinished ? "answered" : "connection closed", "committed anyway")
            closed.now()
          })
        })
        const status = yield* coroutineScope(function* (scope) {
          const job = yield* scope.launch(HttpClient.get(url))
          yield* requested.seen
          yield* job.cancelAndJoin
          return yield* job.status
        })
        yield* closed.seen
        assert.strictEqual(status, "cancelled")
        assert.deepStrictEqual(server, ["request", "connection closed", "committed anyway"])
      }).pipe(Effect.provide(layer))
  )
})

// ── Room ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

describe("Room row: a transaction", () => {
  it.live("commits when it is left alone", () =>
    Effect.gen(function* () {
      const { committed, exec, statements } = yield* database
      yield* withTransaction(exec, Effect.andThen(exec(insert("a")), exec(insert("b"))))
      assert.deepStrictEqual(statements, ["BEGIN IMMEDIATE", insert("a"), insert("b"), "COMMIT"])
      assert.deepStrictEqual(committed(), ["a", "b"])
    })
  )

  it.live("rolls back when its job is cancelled", () =>
    Effect.gen(function* () {
      const { committed, exec, statements } = yield* database
      const staged = yield* Deferred.make<void>()
      const body = exec(insert("a")).pipe(
        Effect.andThen(exec(insert("b"))),
        Effect.andThen(Deferred.succeed(staged, undefined)),
        Effect.andThen(Effect.never),
        Effect.andThen(exec(insert("c")))
      )
      yield* coroutineScope(function* (scope) {
        const job = yield* scope.launch(withTransaction(exec, body))
        yield* Deferred.await(staged)
        yield* job.cancelAndJoin
        assert.strictEqual(yield* job.status, "cancelled")
      })
      assert.deepStrictEqual(statements, ["BEGIN IMMEDIATE", insert("a"), insert("b"), "ROLLBACK"])
      assert.deepStrictEqual(committed(), [])
    })
  )

  it.live("cannot commit a half by swallowing the cancellation inside", () =>
    Effect.gen(function* () {
      const { committed, exec, statements } = yield* database
      const staged = yield* Deferred.make<void>()
      const swallowing = exec(insert("a")).pipe(
        Effect.andThen(Deferred.succeed(staged, undefined)),
        Effect.andThen(Effect.never),
        Effect.ignoreCause,
        Effect.exit,
        Effect.andThen(exec(insert("partial")))
      )
      yield* coroutineScope(function* (scope) {
        const job = yield* scope.launch(withTransaction(exec, swallowing))
        yield* Deferred.await(staged)
        yield* job.cancelAndJoin
      })
      assert.deepStrictEqual(statements, ["BEGIN IMMEDIATE", insert("a"), "ROLLBACK"])
      assert.deepStrictEqual(committed(), [])
    })
  )

  it.live("rolls back when a sibling of its job fails", () =>
    Effect.gen(function* () {
      const { committed, exec, statements } = yield* database
      const staged = yield* Deferred.make<void>()
      const body = exec(insert("a")).pipe(
        Effect.andThen(Deferred.succeed(staged, undefined)),
        Effect.andThen(Effect.never)
      )
      const error = yield* coroutineScope(function* (scope) {
        yield* scope.launch(withTransaction(exec, body))
        yield* scope.launch(Effect.andThen(Deferred.await(staged), Effect.fail("declined" as const)))
      }).pipe(Effect.flip)
      assert.strictEqual(error, "declined")
      assert.deepStrictEqual(statements, ["BEGIN IMMEDIATE", insert("a"), "ROLLBACK"])
      assert.deepStrictEqual(committed(), [])
    })
  )
})

// ── Ktor client ──────────────────────────────────────────────────────────────────────────────────────────────────────

/** Reads a whole body; what came so far can be looked at from outside. */
const readBody = (url: string, onChunk: (chunk: string) => void) =>
  HttpClient.get(url).pipe(
    Effect.flatMap((response) =>
      response.stream.pipe(
        Stream.decodeText,
        Stream.tap((chunk) => Effect.sync(() => onChunk(chunk))),
        Stream.mkString
      )
    )
  )

describe("Ktor client row: a streamed body", () => {
  it.live.each(clients)(
    "cancelled mid-stream, it closes the connection and gives nobody half a body: $name",
    ({ layer }) =>
      Effect.gen(function* () {
        const closed = happening<string>()
        const url = yield* listening((_request, response) => {
          response.write("chunk1")
          response.on("close", () => closed.now(response.writableFinished ? "answered" : "connection closed"))
        })
        const story: Array<string> = []
        const first = happening()
        const reading = readBody(url, (chunk) => {
          story.push(chunk)
          first.now()
        })
        yield* coroutineScope(function* (scope) {
          const job = yield* scope.launch(
            Effect.flatMap(reading, (body) => Effect.sync(() => story.push(`body=${body}`)))
          )
          yield* first.seen
          yield* job.cancelAndJoin
          story.push(yield* job.status)
        })
        assert.strictEqual(yield* closed.seen, "connection closed")
        assert.deepStrictEqual(story, ["chunk1", "cancelled"])
      }).pipe(Effect.provide(layer))
  )

  it.live.each(clients)("cut off by the server, it is a typed failure and not half a body: $name", ({ layer }) =>
    Effect.gen(function* () {
      let cut: () => void = () => {}
      const url = yield* listening((_request, response) => {
        response.write("chunk1")
        cut = () => response.destroy()
      })
      const chunks: Array<string> = []
      const error = yield* readBody(url, (chunk) => {
        chunks.push(chunk)
        cut()
      }).pipe(Effect.flip)
      assert.strictEqual(error._tag, "HttpClientError")
      assert.deepStrictEqual(chunks, ["chunk1"])
    }).pipe(Effect.provide(layer))
  )
})

// ── Ktor server ──────────────────────────────────────────────────────────────────────────────────────────────────────

/** As an application serves it: through a router. */
const routed = (handler: Handler) => HttpRouter.toHttpEffect(HttpRouter.add("GET", "/", handler))

const ok = HttpServerResponse.text("ok")

describe("Ktor server row: the client hangs up", () => {
  it.live("the handler is interrupted, with all jobs of its scope, finalizers included", () =>
    Effect.gen(function* () {
      const story: Array<string> = []
      const say = (line: string) => Effect.sync(() => void story.push(line))
      const running = happening()
      const ended = happening()
      const waiting = (name: string) => Effect.onInterrupt(Effect.never, () => say(`${name} cancelled`))
      const handler = coroutineScope(function* (scope) {
        yield* scope.launch(waiting("reserve"))
        yield* scope.launch(waiting("notify"))
        yield* Effect.sync(running.now)
      }).pipe(
        Effect.as(ok),
        Effect.onExit((exit) =>
          Effect.andThen(say(Exit.hasInterrupts(exit) ? "interrupted" : "ended"), Effect.sync(ended.now))
        )
      )
      yield* hangingUp(yield* routed(handler), running.seen)
      yield* ended.seen
      assert.deepStrictEqual(story, ["reserve cancelled", "notify cancelled", "interrupted"])
    })
  )

  it.live("a handler that computes in steps ends without having asked whether it should", () =>
    Effect.gen(function* () {
      const running = happening()
      const ended = happening<string>()
      const handler = Effect.forever(Effect.sync(running.now)).pipe(
        Effect.onExit((exit) => Effect.sync(() => ended.now(Exit.hasInterrupts(exit) ? "interrupted" : "ended")))
      )
      yield* hangingUp(yield* routed(handler), running.seen)
      assert.strictEqual(yield* ended.seen, "interrupted")
    })
  )

  // As in Ktor, where `cancelCallOnClose` is off by default: outside of a router Effect leaves handlers alone.
  it.live("without a router, only that part of a handler is interrupted that says so", () =>
    Effect.gen(function* () {
      const running = happening()
      const goOn = happening()
      const ended = happening()
      const story: Array<string> = []
      const say = (line: string) => Effect.sync(() => void story.push(line))
      const handler = Effect.sync(running.now).pipe(
        Effect.andThen(goOn.seen),
        Effect.andThen(say("went on")),
        Effect.andThen(Effect.interruptible(Effect.never)),
        Effect.onExit((exit) =>
          Effect.andThen(say(Exit.hasInterrupts(exit) ? "interrupted" : "ended"), Effect.sync(ended.now))
        )
      )
      yield* hangingUp(handler, running.seen)
      goOn.now()
      yield* ended.seen
      assert.deepStrictEqual(story, ["went on", "interrupted"])
    })
  )
})
