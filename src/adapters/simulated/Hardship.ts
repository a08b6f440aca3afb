/**
 * Lets a simulated call be slow, find nobody, lose its answer, hang, or die, as the faults say.
 *
 * The special rule: chance is drawn from the seed, the order and how often it was asked for, so the same seed hits
 * the same orders whatever runs beside them, and in whichever journal they stand.
 *
 * Not here: what a call does when it gets through (`PaymentGateway.ts`, `Inventory.ts`, `Notifications.ts`).
 */
import { Duration, Effect, Random } from "effect"
import { byChance, type ByChance, type FaultsOfPlace, type Place } from "./Faults.ts"

/** What is in the way of one call, there and back. */
export interface Hardship {
  readonly strikes: (fault: ByChance) => boolean
  /** Half of a slow call: the way there, and the way back. */
  readonly way: Effect.Effect<void>
  /** Whether a call that hangs does so before it takes effect. */
  readonly hangsEarly: boolean
}

/** Draws what is in the way when a place is asked for an order the `time`-th time. */
export const drawHardship = (
  faults: FaultsOfPlace,
  call: { readonly place: Place; readonly order: string; readonly time: number; readonly seed: number }
): Effect.Effect<Hardship> =>
  Effect.gen(function* () {
    const struck = new Set<ByChance>()
    for (const fault of byChance) if ((yield* Random.next) < (faults[fault] ?? 0)) struck.add(fault)
    const strikes = (fault: ByChance) => struck.has(fault)
    const hangsEarly = (yield* Random.next) < 0.5
    if (faults.slow === undefined) return { strikes, way: Effect.void, hangsEarly }
    const { atLeast, atMost } = faults.slow
    const slow = yield* Random.nextBetween(Duration.toMillis(atLeast), Duration.toMillis(atMost))
    return { strikes, way: Effect.sleep(Duration.millis(Math.round(slow / 2))), hangsEarly }
  }).pipe(Random.withSeed(`${call.seed}/${call.place}/${call.order}/${call.time}`))
