/**
 * Journals whose store takes its time to answer: what it answers may not be true any more.
 */
import { Effect } from "effect"
import type { Store } from "../../../../src/adapters/engine/Store.ts"
import type { Harness } from "./harness.ts"

const answering = (harness: Harness, late: (store: Store) => Partial<Store>): Harness => ({
  ...harness,
  place: Effect.map(harness.place, (place) => ({
    ...place,
    open: Effect.map(place.open, (store) => ({ ...store, ...late(store) }))
  }))
})

/** It takes a while to find any execution. */
export const answeringLate = (harness: Harness): Harness =>
  answering(harness, (store) => ({ find: (ids) => Effect.tap(store.find(ids), () => Effect.sleep(30)) }))

interface Held {
  readonly question: "find" | "events"
  readonly until: () => boolean
  isAnswered: boolean
}

/** One answer is held back, whenever a law says so. */
export class HeldBack {
  readonly harness: Harness
  private next: Held | undefined = undefined

  constructor(harness: Harness) {
    this.harness = answering(harness, (store) => ({
      find: (ids) => this.holding("find", store.find(ids)),
      events: (seqs) => this.holding("events", store.events(seqs))
    }))
  }

  /** What the store answers next to this question is told only then. Done when it has been read. */
  hold<A>(question: Held["question"], ask: () => A, until: () => boolean): Effect.Effect<A> {
    return Effect.promise(async () => {
      const held = (this.next = { question, until, isAnswered: false })
      const asked = ask()
      await when(() => held.isAnswered)
      return asked
    })
  }

  private holding<A, E>(question: Held["question"], answer: Effect.Effect<A, E>): Effect.Effect<A, E> {
    return Effect.suspend(() => {
      const held = this.next
      if (held?.question !== question) return answer
      this.next = undefined
      return Effect.tap(answer, () => {
        held.isAnswered = true
        return Effect.promise(() => when(held.until))
      })
    })
  }
}

const when = async (isSo: () => boolean): Promise<void> => {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve))
}
