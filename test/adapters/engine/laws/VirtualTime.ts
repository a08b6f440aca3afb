/**
 * Time that only a test moves: it stands still while anything can go on by itself, and then goes to the next alarm.
 *
 * The special rule: "anything" is the event loop, every digest and every question that a store has not answered yet, so the same laws
 * run in virtual time on a store in memory, in a file and behind a network.
 */
import { Duration, Effect } from "effect"
import type { Clock } from "effect"

/** So many turns of the event loop without anything under way, and everything that could go on has. */
const quietTurns = 6
/** So many looks, a real millisecond or more apart, while nothing at all moves, and a test is given up. */
const patience = 10_000
const mostAlarms = 50_000

interface Alarm {
  readonly at: number
  readonly ring: () => void
}

export class VirtualTime implements Clock.Clock {
  now = Date.UTC(2030, 0, 1)
  /** How far the clock on the wall was set back: what sleeps does not know of it. */
  back = 0
  /** Questions to stores, and digests, that have not been answered. */
  private underWay = 0
  private answered: Array<() => void> = []
  private alarms: ReadonlyArray<Alarm> = []

  currentTimeMillisUnsafe(): number {
    return this.now - this.back
  }
  get currentTimeMillis(): Effect.Effect<number> {
    return Effect.sync(() => this.currentTimeMillisUnsafe())
  }
  currentTimeNanosUnsafe(): bigint {
    return BigInt(this.currentTimeMillisUnsafe()) * 1_000_000n
  }
  get currentTimeNanos(): Effect.Effect<bigint> {
    return Effect.sync(() => this.currentTimeNanosUnsafe())
  }
  monotonicTimeNanosUnsafe(): bigint {
    return BigInt(this.now) * 1_000_000n
  }
  get monotonicTimeNanos(): Effect.Effect<bigint> {
    return Effect.sync(() => this.monotonicTimeNanosUnsafe())
  }
  sleep(duration: Duration.Duration): Effect.Effect<void> {
    return Effect.callback((resume) => {
      const at = this.now + Math.max(0, Duration.toMillis(duration))
      const alarm = { at, ring: () => resume(Effect.void) }
      this.alarms = [...this.alarms, alarm]
      return Effect.sync(() => this.drop(alarm))
    })
  }

  /** WebCrypto whose digests are waited for like a store: Effect makes ids with it, on threads of their own. */
  get crypto(): Crypto {
    const { subtle } = globalThis.crypto
    const digest: SubtleCrypto["digest"] = async (algorithm, data) => {
      const answered = this.asks()
      try {
        return await subtle.digest(algorithm, data)
      } finally {
        answered()
      }
    }
    const counted = { digest } as SubtleCrypto // sound: nothing else of it is called
    return { subtle: counted } as Crypto // sound: nor of this
  }

  /** Something is asked that is answered elsewhere; what this gives is called with the answer. */
  asks(): () => void {
    this.underWay++
    return () => {
      this.underWay--
      if (this.underWay === 0) for (const goOn of this.answered.splice(0)) goOn()
    }
  }

  /** Waits until nothing can go on without time going on. */
  async quiet(): Promise<void> {
    for (let turns = 0; turns < quietTurns; turns++) {
      await new Promise((resolve) => setImmediate(resolve))
      if (this.underWay === 0) continue
      await new Promise<void>((resolve) => this.answered.push(resolve))
      turns = -1
    }
  }

  /** Lets time go on, from alarm to alarm, until `done`; it must be before `until`. */
  async goOnUntil(done: () => boolean, until = Number.POSITIVE_INFINITY): Promise<void> {
    let looks = 0
    for (let rung = 0; rung < mostAlarms; rung++) {
      await this.quiet()
      if (done()) return
      const next = this.next
      if (next !== undefined && next.at <= until) {
        this.now = Math.max(this.now, next.at)
        this.drop(next)
        next.ring()
        looks = 0
        continue
      }
      if (Number.isFinite(until)) {
        this.now = Math.max(this.now, until)
        return
      }
      // Something real may still come: an inbox that is looked into.
      if (++looks > patience) throw new Error("nothing moves any more, and what was waited for has not come")
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
    throw new Error(`after ${mostAlarms} alarms what was waited for has not come`)
  }

  /** Lets `milliseconds` go by, and all that happens in them. */
  pass(milliseconds: number): Promise<void> {
    return this.goOnUntil(() => false, this.now + milliseconds)
  }

  private get next(): Alarm | undefined {
    return this.alarms.reduce<Alarm | undefined>(
      (first, alarm) => (first === undefined || alarm.at < first.at ? alarm : first),
      undefined
    )
  }

  private drop(alarm: Alarm): void {
    this.alarms = this.alarms.filter((other) => other !== alarm)
  }
}
