/**
 * A memory that forgets: the simulated services keep what was asked lately, so that a million orders fit.
 *
 * The special rule: what was kept longest goes first. Real gateways forget keys as well, after a day or so.
 */

/** A map of at most 10,000 entries. */
export const recently = <K, V>(limit = 10_000) => {
  const kept = new Map<K, V>()
  return {
    get: (key: K): V | undefined => kept.get(key),
    set: (key: K, value: V): void => {
      kept.set(key, value)
      if (kept.size <= limit) return
      const [oldest] = kept.keys()
      if (oldest !== undefined) kept.delete(oldest)
    }
  }
}
