/**
 * A map for what comes and goes: executions in memory, those who wait for them.
 *
 * The special rule: what has gone is let go of at once. A `Map` is given a new table every so many changes; the old table
 * keeps what was in it and points to the new one, and once one of them is old, the collector of young objects takes all that
 * follow for alive: half of what had passed through stayed until the next full collection. So each value has a seat
 * here, which is empty when it has gone.
 */
interface Seat<V> {
  value: V | undefined
}

export class Turnover<K, V extends object> {
  private readonly seats = new Map<K, Seat<V>>()

  get size(): number {
    return this.seats.size
  }

  has(key: K): boolean {
    return this.seats.has(key)
  }

  get(key: K): V | undefined {
    return this.seats.get(key)?.value
  }

  set(key: K, value: V): void {
    const seat = this.seats.get(key)
    if (seat === undefined) this.seats.set(key, { value })
    else seat.value = value
  }

  delete(key: K): void {
    const seat = this.seats.get(key)
    if (seat === undefined) return
    seat.value = undefined
    this.seats.delete(key)
  }

  /** Those that are there just now, in the order of their coming. */
  values(): ReadonlyArray<V> {
    return Array.from(this.seats.values(), ({ value }) => value!)
  }

  clear(): void {
    for (const seat of this.seats.values()) seat.value = undefined
    this.seats.clear()
  }
}
