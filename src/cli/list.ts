/**
 * `firebreak list`: the executions of a journal, the newest first, a page at a time.
 *
 * The special rule: it shows a page and counts all, so a journal of a million orders is listed as quickly as one of ten.
 */
import { Clock, Effect, Option } from "effect"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { type ExecutionSummary, isStatus, type Status, statuses } from "../app.ts"
import { columns, iso, lasting, moment } from "./columns.ts"
import { onJournal, visiting } from "./journal.ts"
import { jsonLine, printable } from "./printable.ts"
import type { Screen } from "./Screen.ts"
import { Unusable } from "./usage.ts"

const options = {
  ...onJournal,
  status: Flag.String("status").pipe(
    Flag.withMetavar("STATUS,…"),
    Flag.withDescription(`Only those: ${statuses.join(", ")}`),
    Flag.optional
  ),
  workflow: Flag.String("workflow").pipe(
    Flag.withMetavar("NAME"),
    Flag.withDescription("Only those of one workflow, such as ProcessOrder"),
    Flag.optional
  ),
  limit: Flag.Int("limit").pipe(
    Flag.withMetavar("N"),
    Flag.withDescription("How many at most (50)"),
    Flag.withDefault(50)
  ),
  before: Flag.Int("before").pipe(
    Flag.withMetavar("N"),
    Flag.withDescription("The next page: what is older than number N"),
    Flag.optional
  )
}

export const list = Command.make("list", options, (options) =>
  visiting(options, (journal, screen) =>
    Effect.gen(function* () {
      const { json, limit } = options
      if (limit < 1 || limit > 10_000) return yield* new Unusable({ reason: "--limit takes a number from 1 to 10000" })
      const status = yield* readStatus(options.status)
      const before = Option.getOrUndefined(options.before)
      const workflow = Option.getOrUndefined(options.workflow)
      const page = yield* journal.list({ limit, before, status, workflow })
      if (json) return yield* Effect.forEach(page, (one) => screen.emit(jsonLine(forPrograms(one))), { discard: true })
      yield* show(page, yield* journal.counts, limit, screen)
    })
  )
).pipe(
  Command.withDescription("Lists what a journal holds, the newest first."),
  Command.withExamples([
    { command: "firebreak list --status stuck,blocked", description: "What a person has to see to" },
    { command: "firebreak list --json --limit 1000", description: "One line of JSON each, for programs" }
  ])
)

const readStatus = Effect.fnUntraced(function* (option: Option.Option<string>) {
  if (Option.isNone(option)) return undefined
  const wanted: Array<Status> = []
  for (const word of option.value.split(",").map((word) => word.trim())) {
    if (!isStatus(word)) {
      return yield* new Unusable({ reason: `--status takes ${statuses.join(", ")}, not "${printable(word, 40)}"` })
    }
    wanted.push(word)
  }
  return wanted
})

const forPrograms = (one: ExecutionSummary) => ({
  number: one.seq,
  order: one.name,
  status: one.status,
  workflow: one.workflow,
  execution: one.id,
  parent: one.parent,
  started: iso(one.startedAt),
  changed: iso(one.changedAt),
  ended: iso(one.endedAt),
  wakes: iso(one.wakeAt)
})

const show = Effect.fnUntraced(function* (
  page: ReadonlyArray<ExecutionSummary>,
  counts: ReadonlyMap<Status, number>,
  limit: number,
  screen: Screen
) {
  const now = yield* Clock.currentTimeMillis
  const rows = page.map((one) => [
    String(one.seq),
    printable(one.name, 60),
    one.status,
    one.workflow,
    moment(one.startedAt),
    lasting((one.endedAt ?? now) - one.startedAt),
    one.wakeAt === null || one.endedAt !== null ? "" : `wakes in ${lasting(one.wakeAt - now)}`
  ])
  if (rows.length > 0) {
    const head = ["no.", "order", "status", "workflow", "started", "took", ""]
    yield* screen.say(`${columns([head, ...rows], new Set([0, 5]))}\n`)
  }
  const known = statuses.filter((status) => (counts.get(status) ?? 0) > 0)
  const sums = known.map((status) => `${counts.get(status)} ${status}`)
  yield* screen.say(sums.length === 0 ? "the journal is empty" : `in the journal: ${sums.join(", ")}`)
  const last = page.at(-1)
  if (last !== undefined && page.length === limit && last.seq > 1) {
    yield* screen.say(`older ones: --before ${last.seq}`)
  }
})
