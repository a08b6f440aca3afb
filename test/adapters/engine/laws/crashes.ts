/**
 * One play, performed many times: without a crash, and with one at every commit, before it took place and after.
 *
 * The special rule: whoever asks asks again in the next process, as a client does, until he is answered.
 */
import { Effect, Option } from "effect"
import type { Exit } from "effect"
import {
  type Asked,
  type CrashPoint,
  describe,
  type Harness,
  type Life,
  type LifeOptions,
  testJournal,
  type TestJournal,
  type Workflows
} from "./harness.ts"
import type { Seen } from "./Outside.ts"

export interface Play<A> {
  readonly workflows: Workflows
  /** What a client does; done again in each process until it is answered. */
  readonly ask: Asked<A>
  /** What goes on beside it in each process, such as signals and cancels. */
  readonly beside?: (life: Life) => Effect.Effect<unknown, unknown, any>
  /** How the outside answers. */
  readonly script?: (journal: TestJournal) => void
  readonly options?: LifeOptions
}

export interface Performance<A> {
  /** Such as `"before commit 3"`. */
  readonly crash: string
  readonly answer: Exit.Exit<A, unknown>
  readonly journal: TestJournal
  /** Commits of the first process. */
  readonly commits: number
  /** What each story saw when it was told last. */
  readonly seen: ReadonlyArray<string>
  /** Where a process saw something else than the one before it had seen, and written down. */
  readonly contradictions: ReadonlyArray<string>
}

/** Performs it once. The first process is gone at the first crash, the second at the second; the next one finishes. */
export const perform = <A>(
  harness: Harness,
  play: Play<A>,
  ...crashes: ReadonlyArray<CrashPoint>
): Effect.Effect<Performance<A>> =>
  Effect.scoped(
    Effect.gen(function* () {
      const journal = yield* testJournal(harness)
      play.script?.(journal)
      const contradictions: Array<string> = []
      let committed: ReadonlyMap<string, number> = new Map()
      for (let n = 0; n < 20; n++) {
        const life = yield* journal.open(play.workflows, { ...play.options, crash: crashes[n] })
        if (play.beside !== undefined) life.launch(play.beside(life))
        const answer = yield* Effect.catchDefect(life.attempt(play.ask), (defect) =>
          Effect.die(new Error(`${defect}, at process ${n + 1} of ${crashes.length + 1}\n${describe(journal)}`))
        )
        const isLast = Option.isSome(answer)
        if (n > 0) contradictions.push(...contradictionsIn(journal.lives[n - 1]!, life, committed, isLast))
        committed = lastEvents(journal)
        if (Option.isSome(answer)) {
          const name = crashes.map(({ commit, when }) => `${when} commit ${commit}`).join(", then ") || "no crash"
          const seen = seenLast(life)
          return {
            crash: name,
            answer: answer.value,
            journal,
            commits: journal.lives[0]!.commits,
            seen,
            contradictions
          }
        }
      }
      throw new Error("twenty processes were not enough")
    })
  ).pipe(Effect.orDie)

/**
 * Performs it without a crash, and then with one at each commit of that performance, before and after. Where journals are
 * slow only before: what is written down then is the same as after the commit before it. In memory it is
 * each of them, in a file every second one from the second, behind a network every third one from the first.
 */
export const performEverywhere = <A>(harness: Harness, play: Play<A>): Effect.Effect<ReadonlyArray<Performance<A>>> =>
  Effect.gen(function* () {
    const whole = yield* perform(harness, play)
    const all = [whole]
    for (const commit of commitsToCrashAt(harness, whole.commits)) {
      for (const when of harness.isQuick ? (["before", "after"] as const) : (["before"] as const))
        all.push(yield* perform(harness, play, { commit, when }))
    }
    return all
  })

const commitsToCrashAt = ({ everyCommit = 1, firstCommit = 1 }: Harness, commits: number): ReadonlyArray<number> => {
  const all = Array.from({ length: commits }, (_, at) => at + 1)
  return all.filter((commit) => commit >= firstCommit && (commit - firstCommit) % everyCommit === 0)
}

/** How much of each execution was written down when a process was gone. */
const lastEvents = ({ committed }: TestJournal): ReadonlyMap<string, number> =>
  new Map([...committed.rows.values()].map(({ id, seq }) => [id, committed.of(seq).at(-1)?.n ?? 0]))

/** What was seen with what had been written down must be seen again, in the same order. */
const contradictionsIn = (
  before: Life,
  after: Life,
  committed: ReadonlyMap<string, number>,
  isLast: boolean
): ReadonlyArray<string> => {
  const wrong: Array<string> = []
  for (const [execution, last] of committed) {
    // Who left memory had everything written down: only the last telling of a process may have been ahead.
    const tellings = [...tellingsOf(before, execution), ...tellingsOf(after, execution)]
    const ahead = tellingsOf(before, execution).length - 1
    for (let n = 0; n + 1 < tellings.length; n++) {
      const again = tellings[n + 1]!
      const first = tellings[n]!.filter(({ event }) => n !== ahead || event <= last)
      first.forEach(({ what }, n) => {
        if (n < again.length && again[n]!.what !== what) wrong.push(`saw "${what}", and then "${again[n]!.what}"`)
      })
      const lost = first[again.length]
      if (isLast && n + 2 === tellings.length && lost !== undefined) wrong.push(`saw "${lost.what}", and then no more`)
    }
  }
  return wrong
}

const tellingsOf = (life: Life, execution: string): ReadonlyArray<ReadonlyArray<Seen>> => {
  const seen = life.seen.filter((one) => one.execution === execution)
  return [...new Set(seen.map(({ telling }) => telling))].map((telling) =>
    seen.filter((one) => one.telling === telling)
  )
}

/** What stories saw when they were told last. */
const seenLast = (life: Life): ReadonlyArray<string> => {
  const last = new Map(life.seen.map(({ execution, telling }) => [execution, telling]))
  return life.seen.filter(({ execution, telling }) => last.get(execution) === telling).map(({ what }) => what)
}

/** As `performEverywhere`, and after each crash with a second one, at each of the first commits of the next process. */
export const performTwiceEverywhere = <A>(
  harness: Harness,
  play: Play<A>,
  seconds: number
): Effect.Effect<ReadonlyArray<Performance<A>>> =>
  Effect.gen(function* () {
    const all = [...(yield* performEverywhere(harness, play))]
    for (const commit of commitsToCrashAt(harness, all[0]!.commits)) {
      for (let second = 1; second <= seconds; second++) {
        const when = (commit + second) % 2 === 0 ? "before" : "after"
        all.push(yield* perform(harness, play, { commit, when: "after" }, { commit: second, when }))
      }
    }
    return all
  })
