/**
 * The PostgreSQL server that ours and the peers share, as durable as a new installation: `fsync` and
 * `synchronous_commit` are on. All of them reach it through the same socket.
 *
 * Not here: starting it (`test/support/postgres.ts`).
 */
import { query, startPostgres } from "../../test/support/postgres.ts"

/** What the server has counted for one database, and how much room its tables and indexes take. */
export interface Counts {
  /** Transactions that were committed, those that only read included. */
  readonly commits: number
  /** Transactions that wrote. Counted for the server as a whole: so one child at a time. */
  readonly writes: number
  readonly bytes: number
}

export interface Server {
  /** A new database, by its URL. */
  readonly database: () => Promise<string>
  readonly counts: (url: string) => Promise<Counts>
  /** The settings that decide what a commit costs, in words. */
  readonly settings: () => Promise<string>
  readonly close: () => Promise<void>
}

export const startServer = async (): Promise<Server> => {
  const server = await startPostgres({ durable: true })
  return {
    database: server.database,
    counts: async (url) => {
      const [counted] = await query(
        url,
        `SELECT xact_commit::text AS commits, pg_snapshot_xmax(pg_current_snapshot())::text AS writes, (${tableBytes})::text AS bytes
         FROM pg_stat_database WHERE datname = current_database()`
      )
      return { commits: Number(counted!.commits), writes: Number(counted!.writes), bytes: Number(counted!.bytes) }
    },
    settings: async () => {
      const [all] = await query(
        server.url,
        `SELECT format('PostgreSQL %s, fsync %s, synchronous_commit %s, full_page_writes %s',
           current_setting('server_version'), current_setting('fsync'),
           current_setting('synchronous_commit'), current_setting('full_page_writes')) AS said`
      )
      return String(all!.said)
    },
    close: server.stop
  }
}

const tableBytes = `
  SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema')`
