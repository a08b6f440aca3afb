/**
 * A PostgreSQL of our own, in a folder that goes when it goes.
 *
 * The special rule: nothing outlives the process that started it, however that one ends. So a shell stands between the
 * two. It takes orders through a pipe, and the end of the pipe is the last one: the server ends, its folder goes.
 *
 * Not here: where it lies (`postgresPlace.ts`), one server for a whole test run (`testDatabase.ts`).
 */
import { Effect, Redacted } from "effect"
import * as PgConnection from "@effect/sql-pg/PgConnection"
import { spawn } from "node:child_process"
import { randomBytes } from "node:crypto"
import fs from "node:fs"
import net from "node:net"
import path from "node:path"
import readline from "node:readline"
import { binariesFor, canStartPostgres, environment, packages, placeFor, reap, room, user } from "./postgresPlace.ts"

export { canStartPostgres } from "./postgresPlace.ts"

export interface PostgresServer {
  /** Of the database `postgres`, which is always there. */
  readonly url: string
  /** The folder with all of it. */
  readonly dir: string
  /** Makes a new database and answers its URL. */
  readonly database: () => Promise<string>
  /** Ends the server and keeps its data. `fast` ends sessions in good order, `immediate` is a crash. */
  readonly down: (how?: "fast" | "immediate") => Promise<void>
  readonly up: () => Promise<void>
  /** Ends the server and removes its folder. */
  readonly stop: () => Promise<void>
}

export interface PostgresOptions {
  /** Every commit reaches a real disk, with the settings of a new installation: for benches. */
  readonly durable?: boolean
  /** Listens on 127.0.0.1 as well, with a password, for clients that cannot use a unix socket. `url` is then that one. */
  readonly loopback?: boolean
}

// Nobody looks at the data again: what only guards against a crash of the machine is off.
const THROW_AWAY = {
  fsync: "off",
  synchronous_commit: "off",
  full_page_writes: "off",
  wal_level: "minimal",
  max_wal_senders: "0",
  shared_buffers: "64MB",
  max_wal_size: "256MB",
  autovacuum: "off",
  io_method: "sync",
  dynamic_shared_memory_type: "mmap"
}

// (fd 3, because a shell gives its background jobs another standard input. A write to us must not end it: we may be gone.)
const WATCHDOG = `
trap '' PIPE
exec 3<&0 </dev/null
while read -r order how <&3; do
  case $order in
    init) "$BIN/initdb" -D data -U postgres --auth-local=trust --auth-host=scram-sha-256 --pwfile=password \\
            -E UTF8 --locale=C --no-sync --no-instructions "$@" >>log 2>&1 3<&- ;;
    up)   "$BIN/pg_ctl" start -D data -l log -w -s >>log 2>&1 3<&- ;;
    down) "$BIN/pg_ctl" stop -D data -m "$how" -w -s >>log 2>&1 3<&- ;;
  esac
  echo "$?"
done
[ -f data/postmaster.pid ] && "$BIN/pg_ctl" stop -D data -m immediate -w -s >>log 2>&1
cd / && rm -rf "$DIR"
`

/**
 * Starts a PostgreSQL server.
 *
 * **Details** — about a second, most of it `initdb`. Root hands over to the user "nobody".
 */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  const { durable = false, loopback = false } = options
  if (!canStartPostgres) {
    throw new Error(
      `there are no PostgreSQL binaries for ${process.platform}-${process.arch} in ${packages}: ` +
        `run "npm ci --ignore-scripts" in tools/postgres, or name a server with DATABASE_URL`
    )
  }
  const place = placeFor(durable)
  reap(place)
  const dir = room(place)

  const port = loopback ? await freePort() : 5432
  const settings = {
    ...(durable ? {} : THROW_AWAY),
    port: String(port),
    unix_socket_directories: dir,
    listen_addresses: loopback ? "127.0.0.1" : ""
  }
  // The watchdog comes first, so that there is no moment in which the folder is nobody's.
  const watchdog = spawn(
    "/bin/sh",
    ["-c", WATCHDOG, "sh", ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`])],
    {
      ...user,
      cwd: dir,
      detached: true,
      stdio: ["pipe", "pipe", "ignore"],
      env: { ...environment, DIR: dir, BIN: path.join(dir, "bin") }
    }
  )
  const ended = new Promise<void>((resolve) => watchdog.once("exit", () => resolve()))
  const answers = readline.createInterface(watchdog.stdout)[Symbol.asyncIterator]()
  fs.writeFileSync(path.join(dir, "watchdog"), String(watchdog.pid))
  // Whoever forgets to stop the server can end nevertheless.
  watchdog.unref()
  for (const stream of [watchdog.stdin, watchdog.stdout]) if (stream instanceof net.Socket) stream.unref()

  const order = async (line: string) => {
    watchdog.ref()
    watchdog.stdin.write(`${line}\n`)
    const { value } = await answers.next()
    watchdog.unref()
    if (value !== "0") throw new Error(`PostgreSQL, "${line}": ${logOf(dir)}`)
  }
  const stop = async () => {
    watchdog.ref()
    watchdog.stdin.end()
    await ended
  }

  const password = randomBytes(12).toString("hex")
  const at = (database: string) =>
    loopback
      ? `postgres://postgres:${password}@127.0.0.1:${port}/${database}`
      : `postgres:///${database}?host=${encodeURIComponent(dir)}&user=postgres`
  try {
    fs.writeFileSync(path.join(dir, "password"), password)
    fs.symlinkSync(path.join(binariesFor(dir), "bin"), path.join(dir, "bin"))
    await order("init")
    await order("up")
  } catch (error) {
    await stop()
    throw error
  }
  return {
    url: at("postgres"),
    dir,
    // Copying the files of the template takes 20 ms without fsync; through the write-ahead log it takes 40.
    database: async () => at(await createDatabase(at("postgres"), durable ? "" : "STRATEGY file_copy")),
    down: (how = "fast") => order(`down ${how}`),
    up: () => order("up"),
    stop
  }
}

/** Runs one statement on a connection of its own. */
export const query = (url: string, sql: string): Promise<ReadonlyArray<PgConnection.Row>> =>
  PgConnection.make({ url: Redacted.make(url), connectTimeout: "1 minute" }).pipe(
    Effect.flatMap((connection) => connection.query(sql)),
    Effect.map((result) => result.rows),
    Effect.scoped,
    Effect.runPromise
  )

/** Makes a new database on the server of `url` and answers its name. */
export async function createDatabase(url: string, how = ""): Promise<string> {
  const name = `firebreak_${randomBytes(6).toString("hex")}`
  await query(url, `CREATE DATABASE ${name} ${how}`)
  return name
}

const logOf = (dir: string) => {
  try {
    return fs.readFileSync(path.join(dir, "log"), "utf8").trim().split("\n").slice(-5).join("\n")
  } catch {
    return "it wrote no log"
  }
}

const freePort = () =>
  new Promise<number>((resolve, reject) => {
    const server = net.createServer()
    server.once("error", reject)
    server.listen(0, "127.0.0.1", () => {
      // A server that listens on a port has an address of this shape.
      const { port } = server.address() as net.AddressInfo
      server.close(() => resolve(port))
    })
  })
