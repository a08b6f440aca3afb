/**
 * What a fault of SQLite means: to who writes a journal, and to who wants to open one.
 *
 * The special rule: each refusal to open says what is wrong and what to do about it.
 *
 * Not here: how faults are told apart (`adapters/sql/SqliteFault.ts`).
 */
import type { SqliteFault } from "../../../sql/SqliteFault.ts"
import { JournalUnusable, StoreBroken, StoreUnavailable } from "../../Store.ts"

/** To a journal that is open. */
export const storeError = (fault: SqliteFault): StoreUnavailable | StoreBroken => {
  switch (fault.kind) {
    case "Busy":
      return new StoreUnavailable({ reason: `${fault.path} is locked by another process` })
    case "Full":
      return new StoreUnavailable({ reason: `there is no room left for ${fault.path}` })
    case "ReadOnly":
    case "CannotOpen":
      return new StoreUnavailable({ reason: `${fault.path} cannot be written: ${fault.detail}` })
    case "Closed":
      return new StoreUnavailable({ reason: `${fault.path} was closed` })
    case "Corrupt":
    case "NotADatabase":
    case "Device":
    case "Row":
    case "Other":
      return new StoreBroken({ reason: fault.message })
  }
}

/** To a journal that is to be opened. */
export const unusable = (fault: SqliteFault): JournalUnusable => {
  const journal = fault.path
  switch (fault.kind) {
    case "NotADatabase":
      return new JournalUnusable({
        journal,
        because: "NotAJournal",
        reason: "it is no SQLite database, or its first page is damaged",
        remedy: `Name another file, or restore the journal. ${restoring(journal)}`
      })
    case "ReadOnly":
      return new JournalUnusable({
        journal,
        because: "ReadOnly",
        reason: `it cannot be written (${fault.detail})`,
        remedy: "Let this user write the file and the folder it is in: SQLite keeps its log beside it"
      })
    case "Busy":
      return new JournalUnusable({
        journal,
        because: "Unreachable",
        reason: "another process has locked it",
        remedy: "Close what else has it open, such as a database browser in a transaction, and try again"
      })
    case "Full":
      return new JournalUnusable({
        journal,
        because: "Unreachable",
        reason: "there is no room left on its device",
        remedy: "Make room and try again; nothing in the journal was changed"
      })
    case "CannotOpen":
    case "Closed":
      return new JournalUnusable({
        journal,
        because: "Unreachable",
        reason: `it cannot be opened (${fault.detail})`,
        remedy: "Check that its folder exists and that this user may read and write it"
      })
    case "Corrupt":
    case "Device":
    case "Row":
    case "Other":
      return new JournalUnusable({
        journal,
        because: "Damaged",
        reason: `it is damaged or cut off (${fault.message})`,
        remedy: damagedRemedy(journal)
      })
  }
}

/** How a backup is put in the place of a journal. With the log of what was there before it would be neither of the two. */
export const restoring = (journal: string): string =>
  `Take "${journal}-wal" and "${journal}-shm" away first, if they are there, and then put a backup in its place`

/** What to do about a journal that is damaged. */
export const damagedRemedy = (journal: string): string =>
  `Keep it, with its "-wal", for a look with \`sqlite3 FILE .recover\`, and restore it. ${restoring(journal)}`

/** To the file of requests beside a journal that is to be opened. */
export const inboxUnusable = (fault: SqliteFault): JournalUnusable => {
  const isDamaged = fault.kind === "Corrupt" || fault.kind === "NotADatabase"
  if (!isDamaged) return unusable(fault)
  return new JournalUnusable({
    journal: fault.path,
    because: "Damaged",
    reason: `it is damaged (${fault.message})`,
    remedy: "Remove it: it holds nothing but requests of other processes, which can ask again"
  })
}

/** A journal that was there is not any more. To begin another one in its place would be to do everything again. */
export const gone = (journal: string): JournalUnusable =>
  new JournalUnusable({
    journal,
    because: "Missing",
    reason: "it was here before, and is gone or empty now",
    remedy: `${restoring(journal)}. To begin anew on purpose, remove "${journal}.owner" as well`
  })

/** A file that is something else than a journal. */
export const noJournal = (journal: string, reason: string): JournalUnusable =>
  new JournalUnusable({ journal, because: "NotAJournal", reason, remedy: "Name another file for the journal" })

/** A journal of a layout that this program does not know yet. */
export const tooNew = (journal: string, layout: number, needs: string, known: number): JournalUnusable =>
  new JournalUnusable({
    journal,
    because: "Newer",
    reason: `it was written by firebreak ${needs} or later (its layout is ${layout}, this program knows up to ${known})`,
    remedy: `Use firebreak ${needs} or later`
  })
