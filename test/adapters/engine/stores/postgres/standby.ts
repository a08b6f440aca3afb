/**
 * A server that can fail over: its data as it was at a moment, put back under the same address, as a standby that is
 * promoted or just so.
 *
 * The special rule: it is the real thing. A standby here is a copy of the data that was told to follow and was cut off
 * from whom it followed; PostgreSQL promotes it as it promotes any.
 */
import { Effect } from "effect"
import type { Scope } from "effect"
import fs from "node:fs"
import path from "node:path"
import { startPostgres } from "../../../../support/postgres.ts"
import { user } from "../../../../support/postgresPlace.ts"
import { sql, until } from "./journal.ts"

export interface Failover {
  readonly url: string
  /** How many sessions of this name the server has let in, however short. */
  readonly letIn: (label: "owner" | "writer") => Effect.Effect<number>
  /** Keeps the data as they are: what a standby that lags behind has, or a snapshot. */
  readonly keep: Effect.Effect<void>
  /** The server crashes. What was kept takes its place, as a standby that has been promoted. */
  readonly promote: Effect.Effect<void>
  /** The server crashes. What was kept takes its place, and is started as if nothing had been. */
  readonly putBack: Effect.Effect<void>
}

export const makeFailover: Effect.Effect<Failover, never, Scope.Scope> = Effect.gen(function* () {
  const server = yield* Effect.acquireRelease(
    Effect.promise(() => startPostgres()),
    ({ stop }) => Effect.promise(stop)
  )
  const data = path.join(server.dir, "data")
  const kept = path.join(server.dir, "kept")
  const down = (how: "fast" | "immediate") => Effect.promise(() => server.down(how))
  const up = Effect.promise(() => server.up())
  const replace = Effect.sync(() => {
    fs.renameSync(data, `${data}.lost`)
    fs.renameSync(kept, data)
  })

  // What a standby follows says more than what a test server writes.
  yield* down("fast")
  yield* Effect.sync(() =>
    fs.appendFileSync(
      path.join(data, "postgresql.conf"),
      "\nwal_level = replica\nhot_standby = on\nlog_connections = on\n"
    )
  )
  yield* up
  const url = yield* Effect.promise(server.database)
  return {
    url,
    letIn: (label) =>
      Effect.sync(() => {
        const log = fs.readFileSync(path.join(server.dir, "log"), "utf8")
        return log.split(`application_name=firebreak ${label}`).length - 1
      }),
    keep: Effect.gen(function* () {
      yield* down("immediate") // so that what follows has a log to carry out, as a standby has
      yield* Effect.sync(() => copy(data, kept))
      yield* up
    }),
    promote: Effect.gen(function* () {
      yield* down("immediate")
      yield* replace
      yield* Effect.sync(() => {
        fs.writeFileSync(path.join(data, "standby.signal"), "")
        give(path.join(data, "standby.signal"))
      })
      yield* up
      yield* sql(url, "SELECT pg_promote()")
      yield* until(Effect.map(sql(url, "SELECT pg_is_in_recovery() AS is"), (rows) => rows[0]?.["is"] === false))
    }),
    putBack: Effect.gen(function* () {
      yield* down("immediate")
      yield* replace
      yield* up
    })
  }
})

const give = (file: string) => {
  if (user.uid !== undefined) fs.lchownSync(file, user.uid, user.gid)
}

/** A folder with all in it, which belongs to the user who runs the server. */
const copy = (from: string, to: string): void => {
  fs.cpSync(from, to, { recursive: true, verbatimSymlinks: true })
  for (const file of ["", ...fs.readdirSync(to, { recursive: true, encoding: "utf8" })]) give(path.join(to, file))
  fs.chmodSync(to, 0o700) // the server refuses a folder that others may look into
}
