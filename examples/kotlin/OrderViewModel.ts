/**
 * `OrderViewModel.orders`: a flow of orders with catch, retry and stateIn.
 *
 * Kotlin:  repository.observeOrders().map { Success(it) }.catch { emit(Error(it.message)) }
 *              .retry(2) { it is IOException }.stateIn(viewModelScope, WhileSubscribed(5000), Loading)
 *
 * Here: what `catch` leaves has the failure type `never`, which is how one sees on hovering that a `retry` after it has
 * nothing to do; `resilient` has them in the order that the article's text means. `stateIn` only takes a stream that
 * cannot fail: in Kotlin a failure goes to the scope, and the screen stays at the last value as if nothing had happened.
 */
import { Console, Effect, Schedule, Stream } from "effect"
import { type StateView, stateIn, Supervisor } from "firebreak/supervision"
import { printIfMain, seedProgram } from "./harness/SeedProgram.ts"
import { described, HttpException, IOException } from "./harness/words.ts"

type Failure = IOException | HttpException
type Orders = Stream.Stream<string, Failure>

const asState = (order: string) => `Success([${order}])`
const asError = (error: Failure) => Stream.make(`Error(${error.message})`)

/** As the article has it. Hovering `states` shows `Stream<string, never>`: nothing is left to retry. */
export const asWritten = (orders: Orders) => {
  const states = orders.pipe(Stream.map(asState), Stream.catch(asError))
  return Stream.retry(states, Schedule.recurs(2))
}

/**
 * Subscribes again, at most `times` times, while `when` says that it is worth it.
 *
 * Kotlin's `retry(n)` counts per collection. Effect's `Stream.retry` starts counting anew after each element, so a stream
 * that gives one element and fails would be retried for ever.
 */
export const retryAtMost =
  <E>(times: number, when: (error: E) => Effect.Effect<boolean>) =>
  <A>(stream: Stream.Stream<A, E>): Stream.Stream<A, E> =>
    times === 0
      ? stream
      : Stream.catch(stream, (error) =>
          Stream.unwrap(
            Effect.map(when(error), (again) => (again ? retryAtMost(times - 1, when)(stream) : Stream.fail(error)))
          )
        )

const isTransient = (error: Failure) =>
  Effect.as(Console.log(`retry predicate asked for ${error.message}`), error._tag === "IOException")

/** First retry what may pass, then show what did not. */
export const resilient = (orders: Orders) =>
  orders.pipe(Stream.map(asState), retryAtMost(2, isTransient), Stream.catch(asError))

// ── S18a, S18b ───────────────────────────────────────────────────────────────────────────────────────────────────────

/** Orders whose first subscriptions fail after one element, and how often they were subscribed to. */
const makeOrders = (failures: number, fail: (n: number) => Effect.Effect<never, Failure>) => {
  const seen = { subscriptions: 0 }
  const orders = Stream.unwrap(
    Effect.gen(function* () {
      const n = ++seen.subscriptions
      yield* Console.log(`subscribe #${n}`)
      return Stream.concat(Stream.make(`o${n}`), Stream.fromEffect(n <= failures ? fail(n) : Effect.succeed(`o${n}'`)))
    })
  )
  return { orders, seen }
}

const io = (n: number) => new IOException({ message: `io#${n}` })
const http = (n: number) => new HttpException({ message: `http#${n}`, code: 404 })

const collected = (
  pipeline: (orders: Orders) => Stream.Stream<string>,
  failures: number,
  fail: (n: number) => Effect.Effect<never, Failure>
) =>
  Effect.suspend(() => {
    const { orders, seen } = makeOrders(failures, fail)
    return Stream.runForEach(pipeline(orders), (state) => Console.log(`emit ${state}`)).pipe(
      Effect.andThen(Effect.suspend(() => Console.log(`completed, subscriptions=${seen.subscriptions}`)))
    )
  })

export const S18a = seedProgram("S18a", "catch, then retry, as written", {
  "the retry has nothing to retry": collected(asWritten, 1, (n) => Effect.andThen(Effect.sleep(25), io(n)))
})

export const S18b = seedProgram("S18b", "retry, then catch, as meant", {
  "one failure is retried": collected(resilient, 1, io),
  "the third failure is shown": collected(resilient, 3, io),
  "what is not transient is shown at once": collected(resilient, 1, http)
})

// ── S18c ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** An endless upstream that gives two orders at each subscription. */
const makeEndless = () => {
  const seen = { subscriptions: 0 }
  const upstream = Stream.unwrap(
    Effect.suspend(() => {
      const n = ++seen.subscriptions
      return Effect.as(Console.log(`subscribe #${n}`), Stream.concat(Stream.make(`[o${n}]`, `[o${n}']`), Stream.never))
    })
  ).pipe(Stream.ensuring(Console.log("upstream cancelled")))
  return { upstream, seen }
}

const collecting = (name: string, state: StateView<string>) =>
  Stream.runForEach(state.changes, (value) => Console.log(`${name} ${value}`))

const sharing = Effect.gen(function* () {
  const { seen, upstream } = makeEndless()
  const viewModelScope = yield* Supervisor.make({ name: "viewModelScope" })
  const orders = yield* stateIn(upstream, { initial: "Loading", whileSubscribed: "100 millis" })
  yield* Effect.sleep(25)
  yield* Console.log(`value=${yield* orders.value}`)
  const c1 = yield* viewModelScope.launch(collecting("c1", orders))
  yield* Effect.sleep(50)
  yield* c1.cancelAndJoin
  yield* Console.log(`c1 gone; value=${yield* orders.value}`)
  yield* Effect.sleep(50)
  const c2 = yield* viewModelScope.launch(collecting("c2", orders))
  yield* Effect.sleep(50)
  yield* Console.log(`subs=${seen.subscriptions} (not restarted: within stopTimeout)`)
  yield* c2.cancelAndJoin
  yield* Effect.sleep(200)
  yield* Console.log(`value kept=${yield* orders.value}`)
  yield* viewModelScope.launch(collecting("c3", orders))
  yield* Effect.sleep(50)
  yield* Console.log(`subs=${seen.subscriptions}`)
})

const failing = Effect.gen(function* () {
  const viewModelScope = yield* Supervisor.make({ name: "viewModelScope" })
  const upstream = Stream.concat(Stream.make("a"), Stream.fail(new IOException({ message: "up" })))
  const state = yield* stateIn(Stream.catch(upstream, asError), { initial: "Loading", whileSubscribed: "100 millis" })
  const collector = yield* viewModelScope.launch(collecting("collector", state))
  yield* Effect.sleep(50)
  yield* Console.log(`value=${yield* state.value} collector: ${yield* collector.status}`)
})

export const S18c = seedProgram("S18c", "stateIn, while subscribed", {
  "the upstream runs while somebody looks, and the last value stays": sharing,
  "a failing upstream is a value of the state, not a stale one": failing
})

// ── S18d ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** The collector's failure stays in the type after `Stream.catch`, so it has to be handled around the collecting. */
export const S18d = seedProgram("S18d", "catch does not cover the collector", {
  "a catch around the collecting does": Stream.make(1).pipe(
    Stream.catch(() => Stream.fromEffect(Console.log("catch in the flow"))),
    Stream.runForEach(() => new IOException({ message: "collector" })),
    Effect.catchTag("IOException", (error) => Console.log(`try/catch around collect caught ${described(error)}`))
  )
})

printIfMain(import.meta.url, { S18a, S18b, S18c, S18d })
