/**
 * Databases for tests: each an empty one of its own, on the server of the test run or the one of `DATABASE_URL`.
 *
 * The special rule: a database goes with the scope that asked for it.
 *
 * Not here: starting the server (`postgresOfTheRun.ts`); tests that end or restart theirs start one (`postgres.ts`).
 */
import { Effect } from "effect"
import type { Scope } from "effect"
import net from "node:net"
import { text } from "node:stream/consumers"
import { inject } from "vitest"
import { createDatabase, query } from "./postgres.ts"
import type { Answer } from "./postgresOfTheRun.ts"

/** The URL of a new, empty database. */
export const testDatabase: Effect.Effect<string, never, Scope.Scope> = Effect.acquireRelease(
  Effect.promise(newDatabase),
  ({ server, name }) => Effect.promise(() => query(server, `DROP DATABASE ${name} WITH (FORCE)`))
).pipe(Effect.map(({ url }) => url))

async function newDatabase() {
  const server = process.env["DATABASE_URL"] ?? (await serverOfTheRun())
  const name = await createDatabase(server)
  const url = new URL(server)
  url.pathname = `/${name}`
  return { server, name, url: url.href }
}

async function serverOfTheRun(): Promise<string> {
  const door = net.connect(inject("postgresPort"), "127.0.0.1")
  // What the other side of the door writes, see `postgresOfTheRun.ts`.
  const answer = JSON.parse(await text(door)) as Answer
  if ("problem" in answer) throw new Error(answer.problem)
  return answer.url
}
