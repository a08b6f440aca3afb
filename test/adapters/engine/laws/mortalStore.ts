/**
 * A store as a process sees it that may be gone at any moment: from then on nothing is committed and nothing answered.
 */
import { Clock, Effect } from "effect"
import { type Batch, type Store, StoreBroken } from "../../../../src/adapters/engine/Store.ts"
import type { Committed } from "./Committed.ts"
import type { Life } from "./harness.ts"

const gone = Effect.fail(new StoreBroken({ reason: "the process is gone" }))
/** Stores wait in real time: their files and servers know no other. */
const realClock = Clock.Clock.defaultValue()

export const mortalStore = (store: Store, life: Life, committed: Committed): Store => {
  const { time } = life
  const asking = <A, E>(question: Effect.Effect<A, E>): Effect.Effect<A, E | StoreBroken> =>
    Effect.suspend((): Effect.Effect<A, E | StoreBroken> => {
      if (life.isGone) return gone
      const answered = time.asks()
      return question.pipe(
        Effect.provideService(Clock.Clock, realClock),
        Effect.onExit(() => Effect.sync(answered)),
        Effect.flatMap((answer) => (life.isGone ? gone : Effect.succeed(answer)))
      )
    })
  const { epoch, inbox, isCopy, kind, lastExecution, name, namespace } = store
  const { around = (_, commit) => commit, crash } = life.options
  const taken = (batch: Batch) =>
    Effect.tap(store.commit(batch), (rejected) => Effect.sync(() => committed.add(batch, rejected)))
  return {
    kind,
    name,
    epoch,
    namespace,
    isCopy,
    lastExecution,
    commit: (batch) =>
      Effect.suspend(() => {
        if (life.isGone) return gone
        const number = ++life.commits
        if (crash?.commit === number && crash.when === "before") life.crash()
        const commit = around(number, asking(taken(batch)))
        if (crash?.commit !== number || crash.when !== "after") return commit
        return Effect.flatMap(commit, () => {
          life.crash()
          return gone
        })
      }),
    lastBatch: asking(store.lastBatch),
    unfinished: (after, limit) => asking(store.unfinished(after, limit)),
    due: (before, limit) => asking(store.due(before, limit)),
    remove: (which) => asking(store.remove(which)),
    find: (ids) => asking(store.find(ids)),
    findNamed: (name) => asking(store.findNamed(name)),
    events: (seqs) => asking(store.events(seqs)),
    list: (filter) => asking(store.list(filter)),
    counts: asking(store.counts),
    inbox: {
      ask: (request) => asking(inbox.ask(request)),
      pending: (after, limit) => asking(inbox.pending(after, limit)),
      answer: (seq, answer) => asking(inbox.answer(seq, answer)),
      answerTo: (seq) => asking(inbox.answerTo(seq)),
      onRequest: (notice) => inbox.onRequest(() => (life.isGone ? undefined : notice()))
    }
  }
}
