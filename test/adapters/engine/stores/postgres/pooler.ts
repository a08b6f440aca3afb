/**
 * A proxy that shares a few sessions of the server between all its clients, as PgBouncer does: between transactions, or
 * one session for each client.
 *
 * The special rule: it speaks just enough of the protocol to know where a request ends (Sync) and whether a transaction
 * is open (ReadyForQuery). The session that was used last is given out first.
 *
 * Not here: a network that fails (`relay.ts`).
 */
import { Effect } from "effect"
import type { Scope } from "effect"
import net from "node:net"
import { parseAddress } from "../../../../../src/adapters/engine/stores/postgres/address.ts"

/** The URL of the same database, through such a proxy. */
export const makePooler = (url: string, mode: "transaction" | "session"): Effect.Effect<string, never, Scope.Scope> =>
  Effect.gen(function* () {
    const address = yield* Effect.orDie(parseAddress(url)) // of a server that the tests have started
    const own = new URL(url)
    const user = own.searchParams.get("user") ?? own.username
    const idle: Array<Server> = []
    const open = new Set<net.Socket>()

    const listener = net.createServer((client) => {
      open.add(client)
      let server: Server | undefined
      let requests: Array<Message> = []
      const messages = splitting(false)
      client.on("error", () => {})
      client.on("close", () => server?.socket.destroy())

      const serve = async () => {
        server ??= idle.pop() ?? (await connect(address.connect(), user, own.pathname.slice(1)))
        open.add(server.socket)
        for (const each of requests) server.socket.write(each.bytes)
        requests = []
        server.answer = (message) => {
          client.write(message.bytes)
          const isOver = message.type === "Z" && message.bytes.at(-1) === "I".charCodeAt(0)
          if (!isOver || mode === "session" || server === undefined) return
          idle.push(server)
          server = undefined
        }
      }
      client.on("data", (chunk: Buffer) => {
        for (const message of messages(chunk)) {
          if (message.type === "") client.write(WELCOME)
          else if (message.type === "X") client.end()
          else {
            requests.push(message)
            if (message.type === "S") void serve()
          }
        }
      })
    })
    const port = yield* Effect.promise(
      () =>
        new Promise<number>((resolve) => {
          // A server that listens on a port has an address of this shape.
          listener.listen(0, "127.0.0.1", () => resolve((listener.address() as net.AddressInfo).port))
        })
    )
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        for (const socket of open) socket.destroy()
        listener.close()
      })
    )
    return `postgres://${user}@127.0.0.1:${port}${own.pathname}`
  })

interface Message {
  readonly type: string
  readonly bytes: Buffer
}

interface Server {
  readonly socket: net.Socket
  answer: (message: Message) => void
}

/** Takes a stream apart into messages. The first of a client has no type. */
const splitting = (isServer: boolean) => {
  let rest: Buffer = Buffer.alloc(0)
  let isFirst = !isServer
  return (chunk: Buffer): ReadonlyArray<Message> => {
    rest = Buffer.concat([rest, chunk])
    const messages: Array<Message> = []
    while (true) {
      const head = isFirst ? 0 : 1
      if (rest.length < head + 4) return messages
      const length = head + rest.readInt32BE(head)
      if (rest.length < length) return messages
      messages.push({ type: isFirst ? "" : rest.toString("latin1", 0, 1), bytes: rest.subarray(0, length) })
      rest = rest.subarray(length)
      isFirst = false
    }
  }
}

const message = (type: string, ...parts: ReadonlyArray<number | string>): Buffer => {
  const body = Buffer.concat(
    parts.map((part) => {
      if (typeof part === "string") return Buffer.from(`${part}\0`)
      const bytes = Buffer.alloc(4)
      bytes.writeInt32BE(part)
      return bytes
    })
  )
  const length = Buffer.alloc(4)
  length.writeInt32BE(body.length + 4)
  return Buffer.concat([Buffer.from(type), length, body])
}

// What a client is told when it comes: it is let in, by a process with a number of the proxy's own.
const WELCOME = Buffer.concat([
  message("R", 0),
  message("K", 1_000_001, 42),
  Buffer.from([0x5a, 0, 0, 0, 5, 0x49]) // ReadyForQuery, idle
])

const connect = (socket: net.Socket, user: string, database: string): Promise<Server> =>
  new Promise((resolve, reject) => {
    const server: Server = { socket, answer: (first) => first.type === "Z" && resolve(server) }
    const messages = splitting(true)
    socket.on("error", reject)
    socket.on("data", (chunk: Buffer) => messages(chunk).forEach((each) => server.answer(each)))
    socket.write(message("", 0x00030000, "user", user, "database", database, ""))
  })
