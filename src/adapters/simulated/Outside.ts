/**
 * How a request reaches a simulated service, and how its answer comes back.
 *
 * The special rule: a key is answered once. Whoever asks again with it gets the same answer, and nothing happens; whoever
 * asks something else with it is told that this is a mistake.
 *
 * What is asked is written down before anything can go wrong with it, what it did together with its answer. Interrupting
 * a request does not unsend it.
 *
 * Not here: what the services do (`PaymentGateway.ts`, `Inventory.ts`, `Notifications.ts`).
 */
import { Clock, Context, Effect, Layer, type Scope } from "effect"
import { Indeterminate, type OrderId, Unavailable } from "../../workflows/index.ts"
import type { Books, Keep } from "./Books.ts"
import type { ByChance, Faults, Place } from "./Faults.ts"
import { drawHardship } from "./Hardship.ts"

/** What is asked, of whom, and for which order. */
export interface Request {
  readonly place: Place
  /** The idempotency key; for a look, what is looked for. */
  readonly key: string
  readonly order: OrderId
  /** All that the answer depends on. It goes into the books as JSON. */
  readonly asked: unknown
  /** A look may be answered otherwise each time. */
  readonly isLook?: boolean
}

/** What a service has at hand to answer with. */
export interface Desk extends Books {
  /** Milliseconds since 1970. */
  readonly now: number
  readonly strikes: (fault: ByChance) => boolean
}

export class Outside extends Context.Service<
  Outside,
  {
    /** Asks a service, which answers `answer`: something that JSON can say. */
    readonly ask: <A extends object>(
      request: Request,
      answer: (desk: Desk) => A
    ) => Effect.Effect<A, Unavailable | Indeterminate>
    /** Reads the books, or writes into them what no request did. */
    readonly read: <A>(work: (books: Books) => A) => Effect.Effect<A, Unavailable>
  }
>()("firebreak/simulated/Outside") {
  static layer<E>(
    opening: Effect.Effect<Keep, E, Scope.Scope>,
    { faults = {}, seed = 1 }: { readonly faults?: Faults; readonly seed?: number }
  ): Layer.Layer<Outside, E> {
    return Layer.effect(
      Outside,
      Effect.map(opening, (keep) => Outside.of({ ask: asking(keep, faults, seed), read: keep }))
    )
  }
}

const asking = (keep: Keep, faults: Faults, seed: number) =>
  Effect.fnUntraced(function* <A extends object>(
    request: Request,
    answer: (desk: Desk) => A
  ): Effect.fn.Return<A, Unavailable | Indeterminate> {
    const { order, place } = request
    const now = yield* Clock.currentTimeMillis
    const here = faults[place]
    if (here === undefined) {
      return yield* keep((books) =>
        reply({ ...books, now, strikes: never }, note(books, request, now), request, answer)
      )
    }
    const { n, time } = yield* keep((books) => ({ time: timesAsked(books, request) + 1, n: note(books, request, now) }))
    const { hangsEarly, strikes, way } = yield* drawHardship(here, { place, order, time, seed })

    yield* way
    const early = strikes("dies") ? "dies" : strikes("down") ? "down" : strikes("hangs") && hangsEarly ? "hangs" : null
    if (early !== null) {
      yield* keep((books) => books.run(mark, early, n))
      if (early === "hangs") return yield* Effect.never
      if (early === "dies") return yield* Effect.die(new Error(`the simulated ${place} died`))
      return yield* new Unavailable({ reason: `${services[place]} does not answer` })
    }

    const arrived = yield* Clock.currentTimeMillis
    const late = strikes("hangs") ? "hangs" : strikes("lost") ? "lost" : null
    const said = yield* keep((books) => {
      books.run(mark, late, n)
      return reply({ ...books, now: arrived, strikes }, n, request, answer)
    })
    if (late === "hangs") return yield* Effect.never
    yield* way
    if (late === "lost") return yield* new Indeterminate({ reason: `the answer of ${services[place]} got lost` })
    return said
  })

const never = () => false

const mark = "UPDATE requests SET fault = ? WHERE n = ?"

/** Writes down that something is asked. Answers its number. */
const note = (books: Books, { asked, key, order, place }: Request, now: number): number =>
  books.run(
    "INSERT INTO requests (at, place, key, order_id, asked) VALUES (?, ?, ?, ?, ?)",
    now,
    place,
    key,
    order,
    JSON.stringify(asked)
  )

const timesAsked = (books: Books, { order, place }: Request): number =>
  Number(books.get("SELECT count(*) AS times FROM requests WHERE order_id = ? AND place = ?", order, place)?.["times"])

const reply = <A extends object>(desk: Desk, n: number, request: Request, answer: (desk: Desk) => A): A => {
  const before = request.isLook === true ? undefined : desk.get(known, request.key, request.place)
  if (before !== undefined && before["asked"] !== JSON.stringify(request.asked)) {
    throw new Error(`${request.place}: the key ${request.key} was used before for something else`)
  }
  // Sound: what stands there was written by the line below, for the same place.
  const said = before === undefined ? answer(desk) : (JSON.parse(String(before["answer"])) as A)
  desk.run("UPDATE requests SET answer = ? WHERE n = ?", JSON.stringify(said), n)
  return said
}

const known = "SELECT asked, answer FROM requests WHERE key = ? AND place = ? AND answer IS NOT NULL LIMIT 1"

const gateway = "the payment gateway"
const warehouse = "the warehouse"
const mail = "the mail server"
const services: { readonly [_ in Place]: string } = {
  "payment.open": gateway,
  "payment.confirm": gateway,
  "payment.find": gateway,
  "payment.refund": gateway,
  "payment.findRefund": gateway,
  "inventory.reserve": warehouse,
  "inventory.release": warehouse,
  "notification.received": mail,
  "notification.refused": mail
}
