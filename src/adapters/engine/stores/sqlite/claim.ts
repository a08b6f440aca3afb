/**
 * Becoming the owner of a journal: its layout is brought up to date, its epoch rises, and it is found out whether it is
 * still the file it was.
 *
 * A journal is a copy when it lies in another file than the one its last owner wrote, or knows less than the lock file
 * beside it remembers (then it was restored over itself). It stays one, through later owners, until a person says that it
 * is the original from now on.
 *
 * The special rule: it is one transaction. Who fails in it owns nothing and has changed nothing.
 */
import { hostname } from "node:os"
import { basename } from "node:path"
import { Effect } from "effect"
import type { SqliteFault } from "../../../sql/SqliteFault.ts"
import type { SqliteFile } from "../../../sql/SqliteFile.ts"
import { JournalUnusable } from "../../Store.ts"
import { fileIdentity, isSameFile } from "./fileIdentity.ts"
import { bringUpToDate, layoutOf } from "./layout.ts"
import { damagedRemedy, gone, noJournal, unusable } from "./meanings.ts"
import type { Memory, OwnerLock } from "./ownerLock.ts"

export interface Claim {
  readonly namespace: string
  readonly epoch: number
  readonly isCopy: boolean
  readonly lastExecution: number
  /** How far it was before it was claimed. */
  readonly before: Memory
  /** Which file it was when it was claimed. */
  readonly file: string
}

/** Makes this process the owner. `adopts` says that the file is the original from now on. */
export const claim = (db: SqliteFile, lock: OwnerLock, adopts: boolean): Effect.Effect<Claim, JournalUnusable> =>
  db
    .transaction<Claim, JournalUnusable>((abandon) => {
      const found = layoutOf(db)
      if (found._tag === "Foreign") return abandon(noJournal(db.path, "it is a SQLite database of something else"))
      // Its lock file remembers a journal: it was emptied. To begin another one here would be to do everything again.
      if (found._tag === "Empty" && lock.memory !== undefined) return abandon(gone(db.path))
      const damage = found._tag === "Empty" ? undefined : damageIn(db)
      if (damage !== undefined) return abandon(damaged(db.path, damage))
      bringUpToDate(db, found._tag === "Empty" ? 0 : found.layout)
      return takeOver(db, lock.memory, adopts) ?? abandon(damaged(db.path, "its first rows are missing"))
    })
    .pipe(
      Effect.mapError((error: SqliteFault | JournalUnusable) =>
        error._tag === "SqliteFault" ? unusable(error) : error
      )
    )

const takeOver = (db: SqliteFile, memory: Memory | undefined, adopts: boolean): Claim | undefined => {
  const journal = db.statement("SELECT namespace, file, is_copy FROM firebreak_journal").get()
  const owner = db.statement("SELECT epoch, batch FROM firebreak_owner WHERE shard = 0").get()
  if (journal === undefined || owner === undefined) return undefined
  const namespace = String(journal["namespace"])
  const before: Memory = { namespace, epoch: Number(owner["epoch"]), batch: Number(owner["batch"]) }
  const { epoch } = before
  const file = fileIdentity(db.path)
  const isElsewhere = journal["file"] !== null && !isSameFile(String(journal["file"]), file)
  const knowsLess = memory?.namespace === namespace && isAhead(memory, before)
  const isCopy = !adopts && (journal["is_copy"] === 1 || isElsewhere || knowsLess)
  db.statement("UPDATE firebreak_journal SET file = ?, is_copy = ?").run(file, isCopy ? 1 : 0)
  // Above both, so that nobody has had this epoch before, in the part that a restored journal has forgotten either.
  const next = Math.max(epoch, knowsLess ? memory.epoch : 0) + 1
  db.statement("UPDATE firebreak_owner SET epoch = ?, batch = 0, owner = ?, since = ? WHERE shard = 0").run(
    next,
    ownerInWords(),
    Date.now()
  )
  const last = db.statement("SELECT max(seq) AS last FROM firebreak_executions").get()
  return { namespace, epoch: next, isCopy, lastExecution: Number(last?.["last"] ?? 0), before, file }
}

const isAhead = (memory: Memory, { epoch, batch }: Memory): boolean =>
  memory.epoch > epoch || (memory.epoch === epoch && memory.batch > batch)

const ownerInWords = (): string => {
  const program = process.argv[1] === undefined ? "node" : basename(process.argv[1])
  return `process ${process.pid} on ${hostname()} (${program}), since ${new Date().toISOString()}`
}

/** How many pages are looked through when a journal is opened: about 40 ms. Damage in a greater one is found when it is met. */
const pagesLookedThrough = 1_000

const damageIn = (db: SqliteFile): string | undefined => {
  const pages = Number(db.statement("PRAGMA page_count").get()?.["page_count"])
  if (pages > pagesLookedThrough) return undefined
  const finding = String(db.statement("PRAGMA quick_check(1)").get()?.["quick_check"])
  return finding === "ok" ? undefined : finding
}

const damaged = (journal: string, finding: string): JournalUnusable =>
  new JournalUnusable({
    journal,
    because: "Damaged",
    reason: `it is damaged (${finding})`,
    remedy: damagedRemedy(journal)
  })
