/**
 * Why a journal in PostgreSQL cannot be opened, and what to do about it.
 *
 * Not here: faults of one that is open (`PostgresFault.ts`).
 */
import type { SqlError } from "effect/sql/SqlError"
import { JournalUnusable } from "../../Store.ts"
import type { Address } from "./address.ts"
import { faultOf } from "./PostgresFault.ts"
import { layouts } from "./tables.ts"

/** What an error while opening means. */
export const unusable = (address: Address, error: SqlError): JournalUnusable => {
  const fault = faultOf(error, false, false)
  const because = (because: JournalUnusable["because"], reason: string, remedy: string) =>
    new JournalUnusable({ journal: address.name, because, reason, remedy })
  if (error.reason._tag === "AuthenticationError") {
    return because(
      "Unreachable",
      `the server does not let its user in: ${fault.detail}`,
      "See that user and password are right. The password may also be given as PGPASSWORD"
    )
  }
  switch (fault.code) {
    case "3D000":
      return because(
        "Missing",
        `there is no database "${address.database}"`,
        "Create it, or name the one that is there"
      )
    case "3F000":
      return because(
        "Missing",
        "none of the schemas of its search path is there",
        "Create one, or name one that is there with ?search_path="
      )
    case "42501":
      return because(
        "ReadOnly",
        `its user may not write there: ${fault.detail}`,
        "Grant the user CREATE on the schema once, or let a user who may do so open the journal first"
      )
    case "25006":
      return because("ReadOnly", "the server lets nobody write", "Name the primary server, not a standby")
    case "53300":
      return because(
        "Unreachable",
        `the server has no room for a session: ${fault.detail}`,
        "Raise max_connections, or end other sessions"
      )
    default:
      return fault.code.startsWith("XX")
        ? because("Damaged", fault.message, "Restore the database from a backup")
        : because("Unreachable", fault.message, "See that the server runs, and that the address is right")
  }
}

export const owned = ({ name }: Address, owner: string): JournalUnusable =>
  new JournalUnusable({
    journal: name,
    because: "Owned",
    reason: `it is owned by ${owner}`,
    remedy: "End that process, or let it do the work. If it is frozen, or its machine is gone, take the journal over"
  })

export const tooNew = ({ name }: Address, layout: number, needs: string): JournalUnusable =>
  new JournalUnusable({
    journal: name,
    because: "Newer",
    reason: `its layout is ${layout}, and this program knows ${layouts.length}`,
    remedy: `Use firebreak ${needs} or newer.`
  })

export const tooOld = ({ name }: Address, layout: number): JournalUnusable =>
  new JournalUnusable({
    journal: name,
    because: "Unreachable",
    reason: `its layout is ${layout}, older than the ${layouts.length} that this program reads`,
    remedy: "Let its owner run once with this version of firebreak: that brings it up to date"
  })

export const notAJournal = ({ name }: Address): JournalUnusable =>
  new JournalUnusable({
    journal: name,
    because: "NotAJournal",
    reason: "its table firebreak_journal is something else",
    remedy: "Name another database, or another schema with ?search_path="
  })

export const incomplete = ({ name }: Address, missing: string): JournalUnusable =>
  new JournalUnusable({
    journal: name,
    because: "Damaged",
    reason: `it is incomplete: there is no ${missing}`,
    remedy: "Restore it from a backup. To begin anew instead, drop all tables whose names begin with firebreak_"
  })

export const noJournal = ({ name }: Address): JournalUnusable =>
  new JournalUnusable({
    journal: name,
    because: "Missing",
    reason: "there is no journal in this database",
    remedy: "Name the database, and with ?search_path= the schema, that it is kept in"
  })

export const pooled = ({ name }: Address): JournalUnusable =>
  new JournalUnusable({
    journal: name,
    because: "Pooled",
    reason: "a proxy between here and the server shares sessions between transactions, so that nothing can be locked",
    remedy: "Connect straight to the server, or through a pool that keeps a session for each connection"
  })
