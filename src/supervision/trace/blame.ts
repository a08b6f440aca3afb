/**
 * Who is to blame: from what was recorded to what it means.
 *
 *   began with  ◀── failed because ── scopes and jobs that passed it on
 *        ▲
 *        ╰──────── cancelled because ── jobs asked to end by it, by what passed it on, or by what was cancelled with it
 *
 * Not here: the form in which it is given to users (`takeTrace.ts`).
 */
import type { Moment, Recorded } from "./Recorder.ts"

/** Why something ended as it did. */
export type Blame =
  | { readonly kind: "failure"; readonly of: Recorded; readonly by: Recorded }
  | { readonly kind: "asked"; readonly of: Recorded }
  | { readonly kind: "itself" | "outside" }

/** It failed by itself, and not because it had been asked to end. */
export const failedFirst = (record: Recorded): boolean =>
  record.failedAt !== undefined &&
  record.failedBecause === undefined &&
  (record.cancelAsked === undefined || record.failedAt.turn < record.cancelAsked.turn)

/** Why it failed or was cancelled, unless it began it. */
export const blameFor = (record: Recorded): Blame | undefined => {
  const by = record.failedBecause
  if (by !== undefined) return { kind: "failure", of: by.origin!, by }
  if (record.cancelAsked !== undefined && !failedFirst(record)) return blameForCancel(record)
  // Launched when what it was launched in was ending already.
  if (record.state !== "cancelled" || record.parent === undefined) return undefined
  return blameOn(record.parent, record.from)
}

const blameForCancel = (record: Recorded): Blame => {
  const by = record.cancelledBy
  if (by === record) return { kind: "itself" }
  return by === undefined ? { kind: "outside" } : blameOn(by, record.cancelAsked!)
}

/** The blame for what ended at `moment` because of `by`: an end that was asked for goes down, for the same reason. */
const blameOn = (by: Recorded, moment: Moment): Blame => {
  for (let at = by, upTo = moment; ; upTo = at.cancelAsked, at = at.cancelledBy) {
    if (at.failedAt !== undefined && at.failedAt.turn <= upTo.turn) return { kind: "failure", of: at.origin!, by: at }
    if (at.cancelAsked === undefined || at.cancelAsked.turn > upTo.turn) return { kind: "asked", of: at }
    if (at.cancelledBy === undefined) return { kind: "outside" }
    if (at.cancelledBy === at) return { kind: "asked", of: at }
  }
}

export const contains = (outer: Recorded, inner: Recorded): boolean => {
  for (let at: Recorded | undefined = inner; at !== undefined; at = at.parent) if (at === outer) return true
  return false
}

/** What a failure that began in `origin` did. */
export interface Blast {
  readonly origin: Recorded
  readonly broughtDown: Array<Recorded>
  readonly cancelled: Array<Recorded>
  readonly spared: Array<Recorded>
}

/** One for each failure that began somewhere, in the order they happened. */
export const blastsAmong = (all: ReadonlyArray<Recorded>): ReadonlyArray<Blast> => {
  const blasts = new Map<Recorded, Blast>()
  for (const record of all) {
    if (failedFirst(record)) blasts.set(record, { origin: record, broughtDown: [], cancelled: [], spared: [] })
  }
  for (const record of all) {
    const blame = blameFor(record)
    if (blame?.kind !== "failure" || blame.of === record) continue
    const blast = blasts.get(blame.of)
    if (record.failedBecause !== undefined) blast?.broughtDown.push(record)
    else if (record.isJob) blast?.cancelled.push(record)
  }
  const inOrder = [...blasts.values()].toSorted((a, b) => a.origin.failedAt!.turn - b.origin.failedAt!.turn)
  const jobsIn = memoised(jobsWithin)
  for (const blast of inOrder) {
    const { origin } = blast
    blast.broughtDown.sort((a, b) => a.failedAt!.turn - b.failedAt!.turn)
    const boundary = whereItStopped(blast)
    if (boundary === undefined) continue
    const hit = new Set(blast.cancelled)
    for (const job of jobsIn(boundary)) if (!hit.has(job) && livedThrough(job, origin)) blast.spared.push(job)
  }
  return inOrder
}

/** The innermost scope that went on; none, when the failure went all the way out. */
const whereItStopped = ({ broughtDown, origin }: Blast): Recorded | undefined => {
  const down = new Set([origin, ...broughtDown])
  for (let at: Recorded | undefined = origin; at !== undefined; at = at.parent) {
    if (!at.isJob && !down.has(at)) return at
  }
  return undefined
}

const livedThrough = (job: Recorded, origin: Recorded): boolean => {
  const { turn } = origin.failedAt!
  if (job === origin || job.from.turn > turn || (job.to !== undefined && job.to.turn < turn)) return false
  // It was ending already: it had been asked to, or an earlier failure inside it was on its way out.
  if (job.cancelAsked !== undefined && job.cancelAsked.turn < turn) return false
  if (job.failedAt !== undefined && job.origin!.failedAt!.turn < turn) return false
  // Neither what it began in, nor what was in it.
  return !contains(job, origin) && !contains(origin, job)
}

const jobsWithin = (scope: Recorded): ReadonlyArray<Recorded> => scope.withAllIn().filter((record) => record.isJob)

const memoised = <A extends object, B>(f: (a: A) => B): ((a: A) => B) => {
  const known = new Map<A, B>()
  return (a) => {
    const before = known.get(a)
    if (before !== undefined) return before
    const now = f(a)
    known.set(a, now)
    return now
  }
}
