/**
 * The journal that a verb is about: which one, and which order in it.
 *
 * The special rule: a verb visits. It reads whether or not somebody owns the journal; what it wants done it leaves as a
 * request, which an owner carries out.
 *
 * Not here: running orders on a journal (`run.ts`).
 */
import { Effect } from "effect"
import * as Argument from "effect/cli/Argument"
import { InvalidValue } from "effect/cli/CliError"
import * as Flag from "effect/cli/Flag"
import {
  defaultJournal,
  type ExecutionHistory,
  isOwned,
  type JournalUnusable,
  type JournalVisit,
  nameOfRun,
  noJournal,
  type Pending,
  visit
} from "../app.ts"
import { makeScreen, type Screen } from "./Screen.ts"
import { Unusable, yes } from "./usage.ts"

export const journalFlag = Flag.String("journal").pipe(
  Flag.withMetavar("FILE.db|postgres://…"),
  Flag.withDescription(`Where orders are written down (${defaultJournal})`),
  Flag.mapEffect((journal) => {
    const value = noJournal(journal)
    if (value === undefined) return Effect.succeed(journal)
    const expected = "the name of a file, or postgres://…"
    return Effect.fail(new InvalidValue({ option: "journal", value, expected, kind: "flag" }))
  }),
  Flag.withDefault(defaultJournal)
)

/** The options of every verb that is about a journal. */
export const onJournal = {
  journal: journalFlag,
  json: yes("json", "JSON on standard output, for programs")
}

/** The order that a verb is about. */
export const orderArgument = Argument.String("ID").pipe(
  Argument.withDescription(
    "The order's id: of one that was run again the last run, where 1001#2 names the second of 1001; or the id of an execution"
  )
)

/** Opens the journal for as long as it takes to answer. */
export const visiting = <A, E, R>(
  { journal, json }: { readonly journal: string; readonly json: boolean },
  answer: (visit: JournalVisit, screen: Screen) => Effect.Effect<A, E, R>
) =>
  visit(journal).pipe(
    Effect.mapError((error) => (error.because === "Missing" ? new Unusable({ reason: missing(error) }) : error)),
    Effect.flatMap((open) => answer(open, makeScreen({ json, quiet: false }))),
    Effect.scoped
  )

/** Most who ask for a journal that is not there have another one than the default. */
const missing = ({ journal, reason, remedy }: JournalUnusable): string =>
  `${journal}: ${reason}. ${remedy}: --journal FILE.db or --journal postgres://…`

/** What is said of an order that is not over while there is nobody to go on with it. */
export const unattended = Effect.fnUntraced(function* (
  { status }: Pick<ExecutionHistory, "status">,
  { journal }: { readonly journal: string }
) {
  if (status !== "running" && status !== "suspended" && status !== "undoing") return []
  if (yield* isOwned(journal)) return []
  return ["", "nobody owns the journal: it goes on at the next start of the program that does"]
})

/** What the run is called that a person means by the id of an order. */
export const latestRun = Effect.fnUntraced(function* (journal: JournalVisit, id: string) {
  const isThere = (name: string) =>
    journal.show(name).pipe(
      Effect.as(true),
      Effect.catchTags({
        ExecutionNotFound: () => Effect.succeed(false),
        // Who is asked about it says which ones there are.
        NameAmbiguous: () => Effect.succeed(true)
      })
    )
  const first = nameOfRun(id)
  let name = first !== id && (yield* isThere(first)) ? first : id
  for (let run = 2; yield* isThere(nameOfRun(id, run)); run++) name = nameOfRun(id, run)
  return name
})

export const isPending = (answer: unknown): answer is Pending =>
  typeof answer === "object" && answer !== null && "_tag" in answer && answer._tag === "Pending"

/** What is said where a request was written down and nobody has answered it yet. */
export const whilePending = ({ request }: Pending): string =>
  `it is written down as request ${request}, and nobody has answered yet: ` +
  "whoever owns the journal carries it out; if nobody does, the next start of the program that owns it"
