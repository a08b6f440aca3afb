/**
 * Partial orders: what a test of kotlinx.coroutines asserts once the hops of its event loop are taken out.
 */
import { assert } from "@effect/vitest"

const timeless = (line: string): string => line.replace(/^\[\d+\] /, "")

/**
 * The trail ends with `ending`, consists of the events of the chains, each of which happened once, and each chain happened
 * in its order. The last event comes after all others.
 */
export const assertOrder = (
  trail: ReadonlyArray<string>,
  ending: string,
  ...chains: ReadonlyArray<ReadonlyArray<string>>
): void => {
  const happened = trail.map(timeless)
  assert.strictEqual(happened.at(-1), ending)
  const events = happened.slice(0, -1)
  assert.deepStrictEqual(events.toSorted(), [...new Set(chains.flat())].toSorted())
  for (const chain of chains) {
    const inTheirOrder = events.filter((event) => chain.includes(event))
    assert.deepStrictEqual(inTheirOrder, chain)
  }
}
