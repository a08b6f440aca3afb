/**
 * A journal in PostgreSQL: loaded only by who uses one, because it brings a driver with it.
 */
export { makePostgresStore } from "./makePostgresStore.ts"
export { openVisitor } from "./openVisitor.ts"
