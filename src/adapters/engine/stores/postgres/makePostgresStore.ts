/**
 * A journal in PostgreSQL, with this process as its owner. It has a session for each thing that
 * must not wait for another:
 *
 *   owner     holds the lock that makes it the owner, and listens for requests
 *   writer    commits
 *   reader    what executions wait for, many at once
 *   visitor   what people look at and ask for, made when they do
 *
 * The special rule: what was committed is on the server's disk (`synchronous_commit`), and each session may end at any
 * time without more happening than that something waits.
 *
 * Not here: the tables (`tables.ts`), and looking at somebody else's journal (`openVisitor.ts`).
 */
import { Effect } from "effect"
import type { Redacted, Scope } from "effect"
import type { JournalUnusable, Store } from "../../Store.ts"
import { parseAddress } from "./address.ts"
import { makeCommits } from "./Commits.ts"
import { makeInbox } from "./inbox.ts"
import { makeNotices } from "./Notices.ts"
import { own } from "./Ownership.ts"
import { makeReads, readingOn } from "./reading.ts"
import { makeSession } from "./Session.ts"

export interface PostgresJournal {
  /**
   * `postgres://user@host/database`. The schema with the tables is the first of the user's `search_path`, or of
   * `?search_path=`. The tables are made if they are not there.
   */
  readonly url: string | Redacted.Redacted
  /**
   * Replaces the owner there is, if there is one. It writes nothing from then on.
   *
   * For an owner that is frozen, or on a machine that cannot be reached. One that has died needs no taking over.
   */
  readonly takeOver?: boolean
}

/**
 * Opens a journal in PostgreSQL as its only owner.
 *
 * **Details**: PostgreSQL 14 or newer. It takes three or four sessions of the server.
 *
 * **Gotchas**: a proxy that shares sessions between transactions is refused; one that keeps a session for each
 * connection is fine.
 */
export const makePostgresStore = (journal: PostgresJournal): Effect.Effect<Store, JournalUnusable, Scope.Scope> =>
  openOwned(journal, false)

/**
 * Says that a copied or restored journal is the original from now on.
 *
 * **When to use**: a person has made sure that what the journal does not remember did not happen either, or has been
 * settled by hand.
 */
export const adoptCopy = (journal: PostgresJournal): Effect.Effect<void, JournalUnusable> =>
  Effect.scoped(Effect.asVoid(openOwned(journal, true)))

const openOwned = (
  { url, takeOver = false }: PostgresJournal,
  adopts: boolean
): Effect.Effect<Store, JournalUnusable, Scope.Scope> =>
  Effect.gen(function* () {
    const address = yield* parseAddress(url)
    const notices = yield* makeNotices
    const { lost, origin, ...claimed } = yield* own(address, { takeOver, adopts }, notices)
    const commits = yield* makeCommits({ address, epoch: claimed.epoch, origin, lost })
    const reader = yield* makeSession({ address, label: "reader", shared: true })
    const visitor = yield* makeSession({ address, label: "visitor", shared: true })
    const reading = readingOn(reader)
    const inbox = makeInbox(visitor, reading, notices.add)
    const ours = Effect.suspend(() => {
      const because = lost()
      return because?._tag === "OwnershipLost" ? Effect.fail(because) : Effect.void
    })
    return {
      kind: "postgres",
      name: address.name,
      ...claimed,
      ...makeReads(reading, readingOn(visitor)),
      ...commits,
      // Requests are for the owner. Who was replaced hears of it here, also when it has nothing to write.
      inbox: { ...inbox, pending: (after, limit) => Effect.andThen(ours, inbox.pending(after, limit)) }
    }
  })
