/**
 * The systems that are measured side by side, in the order in which they take turns.
 *
 * Each is a module of its own, loaded only in the child process that measures it.
 */
export interface System {
  readonly name: string
  /** What is loaded in the child; it exports `start`. */
  readonly module: URL
  readonly store: "sqlite" | "postgres"
  readonly isOurs: boolean
}

const at = (path: string) => new URL(path, import.meta.url)

export const systems = {
  sqlite: { name: "firebreak on SQLite", module: at("firebreak.ts"), store: "sqlite", isOurs: true },
  dbos: { name: "DBOS 5.3 on PostgreSQL", module: at("../peers/dbos.ts"), store: "postgres", isOurs: false },
  postgres: { name: "firebreak on PostgreSQL", module: at("firebreak.ts"), store: "postgres", isOurs: true },
  clusterPostgres: {
    name: "Effect cluster on PostgreSQL",
    module: at("clusterEngine.ts"),
    store: "postgres",
    isOurs: false
  },
  clusterSqlite: { name: "Effect cluster on SQLite", module: at("clusterEngine.ts"), store: "sqlite", isOurs: false }
} as const satisfies Record<string, System>

export type SystemName = keyof typeof systems
