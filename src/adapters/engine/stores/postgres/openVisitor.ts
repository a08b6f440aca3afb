/**
 * Looking at a journal in PostgreSQL, whoever owns it, and leaving requests in it.
 *
 * The special rule: looking changes nothing. A journal that is not there is not created.
 *
 * Not here: owning a journal (`makePostgresStore.ts`).
 */
import { Effect, Scope } from "effect"
import type { Redacted } from "effect"
import { isSqlError } from "effect/sql/SqlError"
import type { JournalUnusable, Visitor } from "../../Store.ts"
import { parseAddress } from "./address.ts"
import type { Address } from "./address.ts"
import { makeInbox } from "./inbox.ts"
import { layoutOf } from "./layout.ts"
import { openLine } from "./line.ts"
import { makeNotices } from "./Notices.ts"
import type { Notices } from "./Notices.ts"
import { currentOwner } from "./owners.ts"
import { pause } from "./pause.ts"
import { readingFailed } from "./PostgresFault.ts"
import { makeReads, readingOn } from "./reading.ts"
import { makeSession } from "./Session.ts"
import { layouts } from "./tables.ts"
import { incomplete, noJournal, notAJournal, tooNew, tooOld, unusable } from "./unusable.ts"

/** Opens the journal at `url` to read it and to ask, whether or not it has an owner. */
export const openVisitor = (url: string | Redacted.Redacted): Effect.Effect<Visitor, JournalUnusable, Scope.Scope> =>
  Effect.gen(function* () {
    const address = yield* parseAddress(url)
    const namespace = yield* check(address)
    const scope = yield* Scope.Scope
    const session = yield* makeSession({ address, label: "visitor", shared: true })
    const reading = readingOn(session)
    const { unfinished: _, due: __, ...reads } = makeReads(reading, reading)

    // Who looks seldom waits for requests: the session that listens is made when somebody does.
    const notices = yield* makeNotices
    let listener: Effect.Effect<unknown> = Effect.suspend(() => {
      listener = Effect.void
      return Effect.forkIn(listening(address, notices), scope)
    })
    return {
      name: address.name,
      namespace,
      ...reads,
      inbox: makeInbox(session, reading, (notice) =>
        Effect.andThen(
          notices.add(notice),
          Effect.suspend(() => listener)
        ).pipe(Effect.asVoid)
      ),
      owner: Effect.mapError(
        session.use(({ connection }) => currentOwner(connection)),
        readingFailed
      )
    }
  })

/** Answers the namespace of a journal that can be read. */
const check = (address: Address): Effect.Effect<string, JournalUnusable> =>
  Effect.gen(function* () {
    const { connection } = yield* openLine(address, "visitor")
    const found = yield* layoutOf(connection)
    if (found._tag === "Nothing") return yield* noJournal(address)
    if (found._tag === "Foreign") return yield* notAJournal(address)
    if (found._tag === "Incomplete") return yield* incomplete(address, found.missing)
    if (found.layout > layouts.length) return yield* tooNew(address, found.layout, found.needs)
    if (found.layout < layouts.length) return yield* tooOld(address, found.layout)
    return found.namespace
  }).pipe(
    Effect.scoped,
    Effect.mapError((error) => (isSqlError(error) ? unusable(address, error) : error))
  )

const listening = (address: Address, notices: Notices): Effect.Effect<never> =>
  Effect.forever(
    Effect.scoped(Effect.flatMap(openLine(address, "visitor"), notices.listen)).pipe(
      Effect.ignore,
      Effect.andThen(pause(500))
    )
  )
