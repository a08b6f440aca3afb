/**
 * Rows of text in columns, and times and lengths of time as people read them.
 *
 * The special rule: nothing here writes a control character; what comes from outside goes through `printable` first.
 */

/** Rows under each other, two spaces apart; the columns in `right` stand to the right. */
export const columns = (rows: ReadonlyArray<ReadonlyArray<string>>, right: ReadonlySet<number> = new Set()): string => {
  const widths: Array<number> = []
  for (const row of rows) row.forEach((cell, at) => (widths[at] = Math.max(widths[at] ?? 0, cell.length)))
  return rows
    .map((row) =>
      row
        .map((cell, at) => (right.has(at) ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0)))
        .join("  ")
        .trimEnd()
    )
    .join("\n")
}

/** A moment, in the time of this machine: `2026-11-22 10:44:01`. */
export const moment = (millis: number): string => {
  const date = new Date(millis)
  const two = (number: number) => String(number).padStart(2, "0")
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`
}

/** A moment for programs; none stays none. */
export const iso = (millis: number | null): string | null => (millis === null ? null : new Date(millis).toISOString())

/** A length of time: `12 ms`, `1.5 s`, `3 min`, `2 h`, `4 d`. */
export const lasting = (millis: number): string => {
  if (millis < 1_000) return `${Math.max(0, Math.round(millis))} ms`
  if (millis < 60_000) return `${(millis / 1_000).toFixed(1)} s`
  if (millis < 3_600_000) return `${Math.round(millis / 60_000)} min`
  return millis < 86_400_000 ? `${Math.round(millis / 3_600_000)} h` : `${Math.round(millis / 86_400_000)} d`
}
