/**
 * Lets a simulated call be slow, find nobody, or die, as the faults say.
 *
 * The special rule: chance is drawn from the seed, the call's key and how often it was made, so the same seed hits the
 * same orders whatever runs beside them.
 *
 * Not here: what a call does when it gets through (`PaymentGateway.ts`, `Inventory.ts`, `Notifications.ts`).
 */
import { Context, Duration, Effect, Layer, Random } from "effect"
import type { StepKey } from "../../workflows/index.ts"
import type { ByChance, Faults, Place } from "./Faults.ts"
import { recently } from "./recently.ts"

/** How a call fared on its way: whether it gets through, and which faults of the place itself strike. */
export interface Fared {
  readonly strikes: (fault: ByChance) => boolean
  /** The answer's way back: the other half of a slow call. */
  readonly back: Effect.Effect<void>
}

export class Hardship extends Context.Service<
  Hardship,
  {
    /** The way there. A call that dies does so here, before anything has happened. */
    readonly meet: (place: Place, key: StepKey) => Effect.Effect<Fared>
  }
>()("firebreak/simulated/Hardship") {
  static layer(faults: Faults, seed: number): Layer.Layer<Hardship> {
    return Layer.sync(Hardship, () => {
      const times = recently<string, number>()
      return {
        meet: (place, key) => {
          const here = faults[place]
          if (here === undefined) return Effect.succeed(unharmed)
          const call = `${place}/${key}`
          const time = (times.get(call) ?? 0) + 1
          times.set(call, time)
          return Effect.gen(function* () {
            const struck = new Set<ByChance>()
            for (const fault of ["down", "dies", "declined", "empty"] as const) {
              if ((yield* Random.next) < (here[fault] ?? 0)) struck.add(fault)
            }
            const half =
              here.slow &&
              Duration.millis(
                (yield* Random.nextBetween(Duration.toMillis(here.slow.atLeast), Duration.toMillis(here.slow.atMost))) /
                  2
              )
            const way = half === undefined ? Effect.void : Effect.sleep(half)
            yield* way
            if (struck.has("dies")) return yield* Effect.die(new Error(`the simulated ${place} died`))
            return { strikes: (fault: ByChance) => struck.has(fault), back: way }
          }).pipe(Random.withSeed(`${seed}/${call}/${time}`))
        }
      }
    })
  }
}

const unharmed: Fared = { strikes: () => false, back: Effect.void }
