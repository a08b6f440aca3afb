/**
 * A network between a store and its server that does what networks do: it keeps, loses and cuts.
 *
 * The special rule: it is done to the connections that a session has now, the session being known by the name under which
 * it shows itself to the server. What is on its way to the server may arrive long after the sender has gone.
 *
 * Not here: a proxy that understands what it carries (`pooler.ts`).
 */
import { Effect } from "effect"
import type { Scope } from "effect"
import net from "node:net"
import { parseAddress } from "../../../../../src/adapters/engine/stores/postgres/address.ts"

type Label = "owner" | "writer" | "reader" | "visitor"

interface Link {
  readonly label: Label
  readonly client: net.Socket
  readonly server: net.Socket
  /** What does not arrive: what the client sends, or what the server answers. */
  stuck: "nothing" | "requests" | "answers"
  readonly kept: Array<Buffer>
  /** Answers get lost from the request on that follows one with this text. */
  loseAfter: string | undefined
  noticed: () => void
}

export interface Relay {
  /** The same database, through here. */
  readonly url: string
  /** Keeps what this session sends from now on. The effect inside waits until it has sent something. */
  readonly hold: (label: Label) => Effect.Effect<Effect.Effect<void>>
  /** What was kept arrives after all. */
  readonly release: (label: Label) => Effect.Effect<void>
  /** Loses what the server answers this session from now on. The effect inside waits until it has answered. */
  readonly lose: (label: Label) => Effect.Effect<Effect.Effect<void>>
  /** The same, but only from the request on that follows one with this text. */
  readonly loseAfter: (label: Label, text: string) => Effect.Effect<Effect.Effect<void>>
  /** Ends the connections of this session on its side. The server does not hear of those that are stuck. */
  readonly cut: (label: Label) => Effect.Effect<void>
  /** Ends all connections and lets nobody through, or lets them through again. */
  readonly close: (isClosed: boolean) => Effect.Effect<void>
}

export const makeRelay = (url: string): Effect.Effect<Relay, never, Scope.Scope> =>
  Effect.gen(function* () {
    const address = yield* Effect.orDie(parseAddress(url)) // of a server that the tests have started
    const links = new Set<Link>()
    let isClosed = false

    const listener = net.createServer((client) => {
      client.on("error", () => {}) // the other side hears of the end
      if (isClosed) return client.destroy()
      const server = address.connect()
      server.on("error", () => {})
      client.once("data", (startup: Buffer) => {
        const label = /firebreak (\w+)/.exec(startup.toString("latin1"))?.[1] as Label // sessions have these names
        const link: Link = {
          label,
          client,
          server,
          stuck: "nothing",
          kept: [],
          loseAfter: undefined,
          noticed: () => {}
        }
        links.add(link)
        server.write(startup)
        client.on("data", (chunk: Buffer) => {
          if (link.loseAfter === "") link.stuck = "answers"
          if (link.loseAfter !== undefined && chunk.includes(link.loseAfter)) link.loseAfter = ""
          if (link.stuck !== "requests") return void server.write(chunk)
          link.kept.push(chunk)
          link.noticed()
        })
        server.on("data", (chunk) => {
          if (link.stuck === "answers") link.noticed()
          else if (!client.destroyed) client.write(chunk)
        })
        client.on("close", () => link.stuck === "nothing" && server.end())
        server.on("close", () => client.destroy())
      })
    })
    const port = yield* Effect.promise(
      () =>
        new Promise<number>((resolve) => {
          // A server that listens on a port has an address of this shape.
          listener.listen(0, "127.0.0.1", () => resolve((listener.address() as net.AddressInfo).port))
        })
    )
    const endAll = () => {
      for (const { client, server } of links) for (const socket of [client, server]) socket.destroy()
    }
    yield* Effect.addFinalizer(() =>
      Effect.sync(() => {
        endAll()
        listener.close()
      })
    )

    const of = (label: Label) => [...links].filter((link) => link.label === label && !link.client.destroyed)
    const getStuck = (label: Label, how: Partial<Link>) =>
      Effect.sync(() => {
        let notice = () => {}
        const noticed = new Promise<void>((resolve) => (notice = resolve))
        for (const link of of(label)) Object.assign(link, how, { noticed: notice })
        return Effect.promise(() => noticed)
      })
    const own = new URL(url)
    const user = own.searchParams.get("user") ?? own.username
    return {
      url: `postgres://${user}${own.password === "" ? "" : `:${own.password}`}@127.0.0.1:${port}${own.pathname}`,
      hold: (label) => getStuck(label, { stuck: "requests" }),
      lose: (label) => getStuck(label, { stuck: "answers" }),
      loseAfter: (label, text) => getStuck(label, { loseAfter: text }),
      release: (label) =>
        Effect.sync(() => {
          for (const link of links) {
            if (link.label !== label || link.stuck !== "requests") continue
            link.stuck = "nothing"
            for (const chunk of link.kept.splice(0)) link.server.write(chunk)
            if (link.client.destroyed) link.server.end()
          }
        }),
      cut: (label) => Effect.sync(() => of(label).forEach(({ client }) => client.destroy())),
      close: (to) =>
        Effect.sync(() => {
          isClosed = to
          if (to) endAll()
        })
    }
  })
