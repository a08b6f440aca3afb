/**
 * The time of a process: that of the wall, which does not go back while the process lives.
 *
 * The special rule: who sets the clock back an hour makes nothing wait an hour longer. What has been slept for has gone
 * by, whatever the wall says; the next process believes the wall again.
 */
import type { Clock } from "effect"

/** A clock that is behind by less is not set back, it only ticks unevenly, in milliseconds. */
const unevenness = 1000

export class SteadyTime {
  private readonly clock: Clock.Clock
  private last = 0
  /** How far the clock was set back since the process began. */
  private back = 0

  constructor(clock: Clock.Clock) {
    this.clock = clock
  }

  /** Whole milliseconds since 1970. */
  now(): number {
    const now = Math.floor(this.clock.currentTimeMillisUnsafe()) + this.back
    if (now >= this.last) return (this.last = now)
    if (this.last - now > unevenness) this.back += this.last - now
    return this.last
  }

  /** It is known to be `time` by now: so long has been slept. */
  is(time: number): void {
    const now = this.now()
    if (time - now <= unevenness) return
    this.back += time - now
    this.last = time
  }
}
