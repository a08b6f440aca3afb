/**
 * A trace from what was recorded so far: plain data, that goes on meaning the same when the recording goes on.
 *
 * No recursion here: scopes may stand in each other as deep as one likes.
 */
import { Cause } from "effect"
import { blameFor, type Blame, blastsAmong } from "./blame.ts"
import type { BlastRadius, FailureTrace, TraceFailure, TraceNode, TraceReason } from "./FailureTrace.ts"
import type { Moment, Recorded, Recorder } from "./Recorder.ts"

/** So many of the spared are named for each failure; of the others there is the number. */
const sparedNamed = 100

export const takeTrace = (recorder: Recorder): FailureTrace => {
  const all = [...recorder.roots].flatMap((root) => root.withAllIn())
  const blasts = blastsAmong(all)
  const sparedFrom = new Map<Recorded, Array<Recorded>>()
  for (const { origin, spared } of blasts) {
    for (const job of spared) {
      const origins = sparedFrom.get(job)
      if (origins === undefined) sparedFrom.set(job, [origin])
      else origins.push(origin)
    }
  }
  return {
    startedAt: recorder.startedAt,
    length: recorder.now,
    roots: treesOf(recorder.roots, all, sparedFrom),
    omitted: recorder.omitted,
    blastRadius: blasts.map(({ broughtDown, cancelled, origin, spared }): BlastRadius => ({
      failed: pathOf(origin),
      error: failureOf(origin.cause!, origin.failedAt!).message,
      at: origin.failedAt!.at,
      broughtDown: broughtDown.map(pathOf),
      cancelled: cancelled.map(pathOf),
      spared: spared.slice(0, sparedNamed).map(pathOf),
      sparedCount: spared.length
    }))
  }
}

const pathOf = (record: Recorded): string => wayTo(record, record.depth + 1)

/** So many names of a way are given, from its end; ways are longer only in the strangest programs. */
const namesGiven = 20

/** The last `steps` names on the way to `record`. */
const wayTo = (record: Recorded, steps: number): string => {
  const names: Array<string> = []
  let at: Recorded | undefined = record
  for (let step = 0; step < Math.min(steps, namesGiven) && at !== undefined; step++, at = at.parent) names.push(at.name)
  if (steps > namesGiven) names.push("…")
  return names.reverse().join(" / ")
}

/** From the inside out, without recursion. */
const treesOf = (roots: Iterable<Recorded>, all: ReadonlyArray<Recorded>, sparedFrom: SparedFrom) => {
  const nodes = new Map<Recorded, TraceNode>()
  const made = (record: Recorded): TraceNode => nodes.get(record)!
  for (const record of all.toReversed()) nodes.set(record, nodeOf(record, [...record.children].map(made), sparedFrom))
  return [...roots].map(made)
}

type SparedFrom = ReadonlyMap<Recorded, ReadonlyArray<Recorded>>

const nodeOf = (record: Recorded, children: ReadonlyArray<TraceNode>, sparedFrom: SparedFrom): TraceNode => {
  const { cancelAsked, cause, execution, failedAt, id, kind, name, omitted, state, to } = record
  const blame = blameFor(record)
  const origins = sparedFrom.get(record)
  return {
    id,
    kind,
    name,
    ...(execution !== undefined && { execution }),
    state,
    from: record.from.at,
    ...(to !== undefined && { to: to.at }),
    ...(cancelAsked !== undefined && { cancelAskedAt: cancelAsked.at }),
    ...(failedAt !== undefined && { failure: failureOf(cause!, failedAt) }),
    ...(blame !== undefined && { because: reasonOf(blame, record) }),
    ...(origins !== undefined && {
      spared: { id: origins[0]!.id, name: nameFrom(record, origins[0]!), more: origins.length - 1 }
    }),
    children,
    ...(omitted > 0 && { omitted })
  }
}

const reasonOf = (blame: Blame, record: Recorded): TraceReason => {
  switch (blame.kind) {
    case "failure":
      return { kind: "failure", id: blame.of.id, name: nameFrom(record, blame.of), by: blame.by.id }
    case "asked":
      return { kind: "asked", id: blame.of.id, name: nameFrom(record, blame.of) }
    default:
      return { kind: blame.kind }
  }
}

/** How one speaks of `other` where `record` stands: by its name among neighbours, by its way from a common scope else. */
const nameFrom = (record: Recorded, other: Recorded): string => {
  if (other.depth - record.depth > namesGiven) return wayTo(other, other.depth - record.depth)
  let here: Recorded | undefined = record
  let there: Recorded | undefined = other
  while (here !== there) {
    if ((here?.depth ?? -1) >= (there?.depth ?? -1)) here = here?.parent
    else there = there?.parent
  }
  return wayTo(other, Math.max(1, other.depth - (there?.depth ?? -1)))
}

const failureOf = (cause: Cause.Cause<unknown>, { at }: Moment): TraceFailure => {
  const typed = cause.reasons.find(Cause.isFailReason)
  const content = typed === undefined ? cause.reasons.find(Cause.isDieReason)?.defect : typed.error
  const tag = tagOf(content)
  const said = content instanceof Error || hasMessage(content) ? content.message.split("\n")[0]! : ""
  const message = typeof content === "object" || said !== "" ? said : String(content)
  return {
    tag,
    message: message === "" || message === tag ? tag : `${tag}: ${message}`,
    kind: typed === undefined ? "defect" : "failure",
    at
  }
}

const hasMessage = (content: unknown): content is { readonly message: string } =>
  typeof content === "object" && content !== null && "message" in content && typeof content.message === "string"

const tagOf = (content: unknown): string => {
  if (typeof content === "object" && content !== null) {
    if ("_tag" in content && typeof content._tag === "string") return content._tag
    if (content instanceof Error) return content.name
    return content.constructor?.name ?? "Object"
  }
  return typeof content
}
