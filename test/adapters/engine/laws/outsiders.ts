/**
 * What others ask of the stories of the laws, and what they find written down: ids, requests in the inbox, rows.
 */
import { Effect } from "effect"
import type { Scope } from "effect"
import { Journal, type JournalVisit } from "firebreak/journal"
import { makeVisitor } from "../../../../src/adapters/engine/makeJournal.ts"
import { executionIdOf } from "../../../../src/adapters/engine/keys.ts"
import type {
  EventRow,
  ExecutionRow,
  JournalUnusable,
  Request,
  StoreError,
  Visitor
} from "../../../../src/adapters/engine/Store.ts"
import type { TestJournal } from "./harness.ts"
import { Story } from "./stories.ts"

/** What somebody who visits the journal does, by its typed side. */
export const asVisitor = <A>(
  journal: TestJournal,
  ask: (visit: JournalVisit) => Effect.Effect<A, unknown>
): Effect.Effect<A> =>
  visiting(journal, (visitor) =>
    Effect.flatMap(makeVisitor(visitor, journal.namespace, 0), (visit) => Effect.orDie(ask(visit)))
  )

/** The id of the execution of a story. */
export const idOf = (id: string): string => executionIdOf(Story, { id })

export const inMemory = Effect.map(
  Journal.use((journal) => journal.load),
  (load) => load.inMemory
)

const visiting = <A>(
  journal: TestJournal,
  visit: (visitor: Visitor) => Effect.Effect<A, StoreError | JournalUnusable, Scope.Scope>
) => Effect.scoped(Effect.flatMap(journal.place.visit, visit)).pipe(Effect.orDie)

/** Leaves a request in the inbox, as another process does. Answers its number. */
export const leaveRequest = (journal: TestJournal, kind: Request["kind"], data: unknown, id = idOf("1")) =>
  visiting(journal, ({ inbox }) =>
    inbox.ask({ execution: id, kind, data: JSON.stringify(data), askedAt: journal.time.now })
  )

/** What the owner answered to a request. */
export const answerTo = (journal: TestJournal, request: number) =>
  visiting(journal, ({ inbox }) =>
    Effect.map(inbox.answerTo(request), (answer) =>
      answer._tag === "Some" ? (JSON.parse(answer.value) as unknown) : undefined
    )
  )

/** The same, as soon as there is one: an inbox is looked into in real time. */
export const answered = (journal: TestJournal, request: number): Effect.Effect<unknown> =>
  Effect.gen(function* () {
    const began = performance.now()
    for (;;) {
      const answer = yield* answerTo(journal, request)
      if (answer !== undefined) return answer
      if (performance.now() - began > 60_000) return yield* Effect.die(new Error("the request was not answered"))
      yield* Effect.promise(() => new Promise((resolve) => setTimeout(resolve, 2)))
    }
  })

/** The row of an execution as it is written down. */
export const written = (journal: TestJournal, id = idOf("1")): Effect.Effect<ExecutionRow | undefined> =>
  visiting(journal, (visitor) => Effect.map(visitor.find([id]), ([row]) => row))

/** Its events as they are written down. */
export const writtenEvents = (journal: TestJournal, id = idOf("1")): Effect.Effect<ReadonlyArray<EventRow>> =>
  visiting(journal, (visitor) =>
    Effect.flatMap(visitor.find([id]), ([row]) => (row === undefined ? Effect.succeed([]) : visitor.events([row.seq])))
  )
