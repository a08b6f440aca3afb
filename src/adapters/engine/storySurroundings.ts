/**
 * Time and chance inside a story: they come from the journal, so that a replay sees what the first run saw.
 *
 * The special rule: the time is that of the last event that was told to the story, and stands still between two; a sleep
 * is a durable timer; random numbers and ids follow from the execution's id. `Date.now()` and `Math.random()` are out of
 * reach. Steps run outside of the story and get the real ones.
 */
import { Clock, Context, Duration, Effect, Random, Scheduler } from "effect"
import { WebCrypto } from "effect/crypto/WebCrypto"
import { HandlerRunner, outsideOfScopes, ScopeBoundary } from "../../supervision/index.ts"
import { StepRunner } from "../../workflows/StepRunner.ts"
import { digestOf, sha256Bytes } from "./keys.ts"

export interface StoryTime {
  /** Milliseconds since 1970. */
  readonly now: () => number
  readonly sleep: (milliseconds: number) => Effect.Effect<void>
}

export class StoryClock implements Clock.Clock {
  private readonly time: StoryTime
  constructor(time: StoryTime) {
    this.time = time
  }
  currentTimeMillisUnsafe(): number {
    return this.time.now()
  }
  get currentTimeMillis(): Effect.Effect<number> {
    return Effect.sync(() => this.time.now())
  }
  currentTimeNanosUnsafe(): bigint {
    return BigInt(this.time.now()) * 1_000_000n
  }
  get currentTimeNanos(): Effect.Effect<bigint> {
    return Effect.sync(() => this.currentTimeNanosUnsafe())
  }
  monotonicTimeNanosUnsafe(): bigint {
    return this.currentTimeNanosUnsafe()
  }
  get monotonicTimeNanos(): Effect.Effect<bigint> {
    return this.currentTimeNanos
  }
  sleep(duration: Duration.Duration): Effect.Effect<void> {
    if (!Duration.isFinite(duration)) return Effect.never
    const milliseconds = Duration.toMillis(duration)
    return milliseconds <= 0 ? Effect.yieldNow : this.time.sleep(milliseconds)
  }
}

/** sfc32, seeded by the execution's id when it is first asked. */
export class StoryRandom implements Random.Random {
  private readonly id: string
  private state: Int32Array | undefined = undefined
  constructor(id: string) {
    this.id = id
  }
  private next(): number {
    const s = (this.state ??= Int32Array.from(
      digestOf(this.id).slice(0, 32).match(/.{8}/g)!,
      (hex) => Number.parseInt(hex, 16) | 0
    ))
    const t = (((s[0]! + s[1]!) | 0) + s[3]!) | 0
    s[3] = (s[3]! + 1) | 0
    s[0] = s[1]! ^ (s[1]! >>> 9)
    s[1] = (s[2]! + (s[2]! << 3)) | 0
    s[2] = ((s[2]! << 21) | (s[2]! >>> 11)) + t
    return t >>> 0
  }
  nextDoubleUnsafe(): number {
    return (this.next() * 2 ** 21 + (this.next() >>> 11)) / 2 ** 53
  }
  nextIntUnsafe(): number {
    return Math.floor(this.nextDoubleUnsafe() * (Number.MAX_SAFE_INTEGER * 2 + 1)) - Number.MAX_SAFE_INTEGER
  }
}

/** WebCrypto for a story: digests are computed at once and random bytes follow from the execution. */
export class StoryCrypto implements Crypto {
  private readonly random: Random.Random
  private readonly hold: () => void
  /** `hold` keeps the story from being told anything until the promise that was handed out has had its say. */
  constructor(random: Random.Random, hold: () => void) {
    this.random = random
    this.hold = hold
  }
  getRandomValues<T extends ArrayBufferView | null>(array: T): T {
    if (array !== null) {
      const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength)
      for (let i = 0; i < bytes.length; i++) bytes[i] = Math.floor(this.random.nextDoubleUnsafe() * 256)
    }
    return array
  }
  randomUUID(): ReturnType<Crypto["randomUUID"]> {
    const bytes = this.getRandomValues(new Uint8Array(16))
    bytes[6] = (bytes[6]! & 0x0f) | 0x40
    bytes[8] = (bytes[8]! & 0x3f) | 0x80
    const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("")
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
  }
  get subtle(): SubtleCrypto {
    const real = globalThis.crypto.subtle
    const digest: SubtleCrypto["digest"] = (algorithm, data) => {
      this.hold()
      const name = typeof algorithm === "string" ? algorithm : algorithm.name
      if (name.toUpperCase() !== "SHA-256") return real.digest(algorithm, data)
      const isView = ArrayBuffer.isView(data)
      return Promise.resolve(
        sha256Bytes(isView ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : new Uint8Array(data))
      )
    }
    return new Proxy(real, {
      get: (target, property) => {
        if (property === "digest") return digest
        const value = Reflect.get(target, property, target) as unknown
        return typeof value === "function" ? value.bind(target) : value
      }
    })
  }
}

/** What stands around a part of the story that runs outside of it: the real time and chance, and no journal. */
export const realSurroundings = (
  context: Context.Context<never>,
  services: Context.Context<never>
): Context.Context<never> => {
  let real = Context.add(context, Clock.Clock, Context.get(services, Clock.Clock))
  real = Context.add(real, Random.Random, Context.get(services, Random.Random))
  real = Context.add(real, Scheduler.Scheduler, Context.get(services, Scheduler.Scheduler))
  real = Context.add(real, WebCrypto, Context.get(services, WebCrypto))
  real = Context.add(real, StepRunner, undefined)
  real = Context.add(real, ScopeBoundary, undefined)
  real = Context.add(real, HandlerRunner, undefined)
  return outsideOfScopes(real)
}
