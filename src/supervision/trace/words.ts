/**
 * What is said about a scope or job, in the text and in the picture alike.
 *
 * Names and messages are shown on one line and without what a terminal or an XML document could trip over.
 */
import type { FailureTrace, TraceNode, TraceReason, TraceState } from "./FailureTrace.ts"
import type { LeftOut } from "./rows.ts"

/** Why it ended as it did, or what it lived through; empty when there is nothing to say. */
export const remarkOn = (node: TraceNode): string => {
  const because = node.because === undefined ? "" : ` ${reason(node.because)}`
  switch (node.state) {
    case "failed":
      return failed(node)
    case "cancelled":
      return `cancelled${because}`
    case "running":
      return node.cancelAskedAt === undefined ? withSpared("still running", node) : `still ending, cancelled${because}`
    case "suspended":
      return withSpared("suspended", node)
    case "succeeded":
      return withSpared("", node)
  }
}

const failed = ({ because, cancelAskedAt, failure }: TraceNode): string => {
  const what = oneLine(failure?.message ?? "")
  if (because?.kind === "failure" && cancelAskedAt === undefined) return `failed because of ${named(because.name)}`
  if (because !== undefined) return `cancelled ${reason(because)}, then failed: ${what}`
  return `failed first: ${what}`
}

const reason = (because: TraceReason): string => {
  switch (because.kind) {
    case "failure":
      return `because of ${named(because.name)}`
    case "asked":
      return `by ${named(because.name)}`
    case "itself":
      return "by itself"
    case "outside":
      return "from outside"
  }
}

const withSpared = (what: string, { spared }: TraceNode): string => {
  if (spared === undefined) return what
  const more = spared.more === 0 ? "" : ` and ${grouped(spared.more)} more`
  return `${what === "" ? "" : `${what}, `}spared: ${named(spared.name)}${more} failed`
}

/** A remark together with what is folded into the line. */
export const remarkWith = (node: TraceNode, folded: LeftOut | undefined): string => {
  const remark = remarkOn(node)
  if (folded === undefined) return remark
  const inside = `with ${countsOf(folded, "in it")}`
  return remark === "" ? inside : `${remark}, ${inside}`
}

/** `9,950 more: 9,900 succeeded, 50 cancelled`. */
export const countsOf = ({ leftOut }: LeftOut, where: string): string => {
  const total = [...leftOut.values()].reduce((sum, count) => sum + count, 0)
  const parts = [...leftOut].map(([state, count]) => ({ state: inWords(state), count: grouped(count) }))
  return parts.length === 1
    ? `${grouped(total)} ${where}, ${total === 1 ? "" : "all "}${parts[0]!.state}`
    : `${grouped(total)} ${where}: ${parts.map(({ count, state }) => `${count} ${state}`).join(", ")}`
}

const inWords = (state: TraceState | "not kept"): string => (state === "running" ? "still running" : state)

/** How many ended how, in a sentence. */
export const summaryOf = ({ omitted, roots }: FailureTrace, nodes: ReadonlyArray<TraceNode>): string => {
  const jobs = nodes.filter(isJob)
  const notKept = nodes.reduce((sum, node) => sum + (node.omitted ?? 0), 0)
  const spared = jobs.filter((node) => node.spared !== undefined).length
  return [
    ...(roots.length > 1 ? [tally("scope", roots, 0)] : []),
    ...(jobs.length > 0 ? [tally("job", jobs, notKept)] : roots.length === 1 ? [tally("scope", roots, 0)] : []),
    ...(spared > 0 ? [`${grouped(spared)} spared`] : []),
    ...(omitted > 0 ? [`${grouped(omitted)} scopes not kept`] : [])
  ].join(" · ")
}

const tally = (noun: string, nodes: ReadonlyArray<TraceNode>, notKept: number): string => {
  const total = nodes.length + notKept
  const parts = states.flatMap((state) => {
    const count = nodes.filter((node) => node.state === state).length + (state === "succeeded" ? notKept : 0)
    return count === 0 ? [] : [`${grouped(count)} ${inWords(state)}`]
  })
  return `${grouped(total)} ${noun}${total === 1 ? "" : "s"}: ${parts.join(", ")}`
}

const states = ["succeeded", "failed", "cancelled", "suspended", "running"] as const

export const isJob = ({ kind }: TraceNode): boolean => kind === "launch" || kind === "async"

/** `12ms`, `1.25s`, `2m 5s`: milliseconds as people read them. */
export const duration = (millis: number): string => {
  if (millis < 1000) return `${trimmed(millis, millis < 10 ? 2 : millis < 100 ? 1 : 0)}ms`
  if (millis < 60_000) return `${trimmed(millis / 1000, 2)}s`
  const seconds = Math.round(millis / 1000)
  const [unit, size, below] = seconds < 3600 ? (["m", 60, "s"] as const) : (["h", 3600, "m"] as const)
  const rest = Math.floor((seconds % size) / (size / 60))
  return `${Math.floor(seconds / size)}${unit}${rest === 0 ? "" : ` ${rest}${below}`}`
}

const trimmed = (value: number, digits: number): string => String(Number(value.toFixed(digits)))

/** `12,345`, whatever the machine's language is. */
export const grouped = (value: number): string => String(value).replace(/\B(?=(\d{3})+$)/g, ",")

/** One line of what can be shown: names and messages come from users, and from their users. */
export const oneLine = (text: string): string =>
  text.replace(/\s+/g, " ").replace(/[\p{Cc}\p{Cs}\p{Bidi_Control}\uFFFE\uFFFF]/gu, "\uFFFD")

/** A name, of a length that leaves room for others. */
export const named = (name: string): string => {
  const letters = [...oneLine(name)]
  return letters.length <= 60 ? letters.join("") : `${letters.slice(0, 59).join("")}…`
}
