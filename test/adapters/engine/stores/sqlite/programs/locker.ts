/**
 * A process that holds the lock for writing on any SQLite file, as a person does who forgets a transaction.
 *
 *   node locker.ts FILE
 */
import { DatabaseSync } from "node:sqlite"

const database = new DatabaseSync(process.argv[2] ?? "")
database.exec("BEGIN IMMEDIATE")
console.log("locked")
setInterval(() => {}, 1_000)
