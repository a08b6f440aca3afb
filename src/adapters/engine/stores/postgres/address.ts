/**
 * Where a PostgreSQL journal is: its URL, taken apart as far as we need it.
 *
 * The special rule: the name that people get to see is put together from what may be seen. A password is in none of it,
 * wherever in the URL it stood.
 *
 * Not here: connecting (`Session.ts`); the driver reads the rest of the URL, such as `sslmode`.
 */
import { Effect, Redacted } from "effect"
import net from "node:net"
import { JournalUnusable } from "../../Store.ts"

export interface Address {
  /** What people call it. */
  readonly name: string
  readonly database: string
  readonly url: Redacted.Redacted
  /** From `PGPASSWORD` where the URL has none, because the arguments of a command can be seen by everybody. */
  readonly password: Redacted.Redacted | undefined
  /** `?search_path=` of the URL: the schema with the tables. */
  readonly searchPath: string
  readonly connect: () => net.Socket
}

/**
 * `postgres://user:password@host:port/database`, also with `?host=` (a folder means a unix socket), `?search_path=`,
 * `?sslmode=` and `?options=`.
 */
export const parseAddress = (input: string | Redacted.Redacted): Effect.Effect<Address, JournalUnusable> =>
  Effect.suspend(() => {
    const text = typeof input === "string" ? input : Redacted.value(input)
    // (`new URL` puts what it could not read into its error: that error must go nowhere.)
    const url = URL.canParse(text) ? new URL(text) : undefined
    if (url === undefined || !["postgres:", "postgresql:"].includes(url.protocol) || !parts(url).every(canDecode)) {
      return Effect.fail(
        new JournalUnusable({
          journal: "the PostgreSQL journal",
          because: "Unreachable",
          reason: "its address is not the URL of a PostgreSQL database",
          remedy: "Write it as postgres://user@host/database, with special characters percent-encoded"
        })
      )
    }
    const param = (name: string) => url.searchParams.get(name) ?? undefined
    const host =
      param("host") ??
      (url.hostname === "" ? "localhost" : decodeURIComponent(url.hostname).replace(/^\[(.*)\]$/, "$1"))
    const port = Number(param("port") ?? (url.port === "" ? 5432 : url.port))
    const user = param("user") ?? decodeURIComponent(url.username)
    const database = param("dbname") ?? (decodeURIComponent(url.pathname.slice(1)) || user)
    const searchPath = param("search_path") ?? ""
    const isSocket = host.startsWith("/")
    const hasPassword = url.password !== "" || param("password") !== undefined
    const fromEnvironment = process.env["PGPASSWORD"]

    const name = new URL(`postgres://${isSocket ? "" : "host"}/${encodeURIComponent(database)}`)
    if (!isSocket) {
      name.host = net.isIPv6(host) ? `[${host}]` : host
      name.username = user
      if (port !== 5432) name.port = String(port)
    } else {
      name.search = `?host=${host}${user === "" ? "" : `&user=${user}`}`
    }
    if (searchPath !== "") name.search += `${name.search === "" ? "?" : "&"}search_path=${searchPath}`

    return Effect.succeed<Address>({
      name: name.href,
      database,
      url: Redacted.make(text),
      password: hasPassword || fromEnvironment === undefined ? undefined : Redacted.make(fromEnvironment),
      searchPath,
      connect: () =>
        isSocket
          ? net.connect(`${host}/.s.PGSQL.${port}`)
          : net.connect({ host, port, noDelay: true, keepAlive: true, keepAliveInitialDelay: 10_000 })
    })
  })

const parts = ({ username, password, hostname, pathname }: URL) => [username, password, hostname, pathname]

const canDecode = (text: string): boolean => {
  try {
    decodeURIComponent(text)
    return true
  } catch {
    return false
  }
}
