/**
 * What has to be accounted for before we may say "Kotlin's semantics": 44 programs, 110 rules, 38 pitfalls.
 *
 * The numbers are ours and stable; the page `docs/coming-from-kotlin.md` and the names of the tests refer to them.
 * Whether each of them is accounted for exactly once is checked in `accounted.test.ts`.
 */

/** The programs of popular articles, each a runnable file under `examples/kotlin/`. */
export const programs: ReadonlyArray<string> = [
  ...["S01", "S02", "S02c", "S02x", "S03", "S04", "S05", "S06", "S07", "S08", "S09", "S10"],
  ...["S11a", "S11b", "S12", "S13", "S14", "S15", "S16", "S17", "S18a", "S18b", "S18c", "S18d"],
  ...["S19a", "S19b", "S20a", "S20b", "S20c", "S21", "S22", "S23", "S24", "S25", "S25b", "S26", "S27", "S28"],
  ...["S29", "S30", "S31", "S32", "S33", "S34"]
]

const numbered = (letter: string, count: number): ReadonlyArray<string> =>
  Array.from({ length: count }, (_, index) => `${letter}${index + 1}`)

/** The rules of kotlinx.coroutines: ours as well, or a line of the page says what differs. */
export const rules = numbered("R", 110)

/** The pitfalls: gone by type, gone by design, or still there and how to see them. */
export const pitfalls = numbered("P", 38)
