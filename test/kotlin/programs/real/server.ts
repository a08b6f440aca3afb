/**
 * Local HTTP servers: a bare one for our clients, which sees what a socket tells, and Effect's own with a client that hangs
 * up on it.
 */
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import { Deferred, Effect, Exit, type Scope } from "effect"
import type { HttpServerRequest, HttpServerResponse } from "effect/http"

const portOf = (server: Server): number => (server.address() as AddressInfo).port // sound: it listens on TCP

/** Serves with `handle` on a free port until the scope closes, and gives its address. */
export const listening = (handle: (request: IncomingMessage, response: ServerResponse) => void) =>
  Effect.acquireRelease(
    Effect.callback<Server>((resume) => {
      const server = createServer(handle)
      server.listen(0, "127.0.0.1", () => resume(Effect.succeed(server)))
    }),
    (server) =>
      Effect.callback<void>((resume) => {
        server.close(() => resume(Effect.void))
        server.closeAllConnections()
      })
  ).pipe(Effect.map((server) => `http://127.0.0.1:${portOf(server)}`))

/** Something that happens once, out in the world, and can be waited for. */
export const happening = <A = void>() => {
  const deferred = Deferred.makeUnsafe<A>()
  return {
    now: (value: A): void => void Deferred.doneUnsafe(deferred, Exit.succeed(value)),
    seen: Deferred.await(deferred)
  }
}

export type Handler = Effect.Effect<
  HttpServerResponse.HttpServerResponse,
  unknown,
  HttpServerRequest.HttpServerRequest | Scope.Scope
>

/** Serves `handler` with Effect's own server, sends one request, and hangs up when `running` has happened. */
export const hangingUp = (handler: Handler, running: Effect.Effect<void>) =>
  Effect.gen(function* () {
    const nodeServer = createServer()
    const server = yield* NodeHttpServer.make(() => nodeServer, { port: 0, host: "127.0.0.1" })
    yield* server.serve(handler)
    // Listening after the server does: what it does when the client hangs up has been done when this is told.
    const handled = happening()
    nodeServer.on("request", (_request, response) => response.on("close", handled.now))
    const client = request({ host: "127.0.0.1", port: portOf(nodeServer), agent: false })
    client.on("error", () => {}) // hanging up is one, to the client
    client.end()
    yield* running
    client.destroy()
    yield* handled.seen
  })
