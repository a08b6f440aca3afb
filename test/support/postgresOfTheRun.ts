/**
 * One PostgreSQL server for a whole test run, started when the first test asks for it.
 *
 * The special rule: a run that needs none pays nothing but an open port.
 *
 * Not here: databases for tests (`testDatabase.ts`), and the server itself (`postgres.ts`).
 */
import net from "node:net"
import type { TestProject } from "vitest/node"
import type { PostgresServer } from "./postgres.ts"

declare module "vitest" {
  interface ProvidedContext {
    /** Where the server of the run is asked for: the port answers with its URL, or with why there is none. */
    readonly postgresPort: number
  }
}

export type Answer = { readonly url: string } | { readonly problem: string }

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  let server: Promise<PostgresServer> | undefined
  // Loaded when it is needed, because loading Effect takes as long as many a test run.
  const start = async () => (await import("./postgres.ts")).startPostgres()
  const door = net.createServer((caller) => {
    const answer = (text: Answer) => caller.end(JSON.stringify(text))
    server ??= start()
    server.then(
      ({ url }) => answer({ url }),
      (error: unknown) => answer({ problem: String(error) })
    )
  })
  const port = await new Promise<number>((resolve, reject) => {
    door.once("error", reject)
    // A server that listens on a port has an address of this shape.
    door.listen(0, "127.0.0.1", () => resolve((door.address() as net.AddressInfo).port))
  })
  door.unref()
  project.provide("postgresPort", port)
  return async () => {
    door.close()
    await server?.then(
      (running) => running.stop(),
      () => {} // whoever asked for it has been told
    )
  }
}
