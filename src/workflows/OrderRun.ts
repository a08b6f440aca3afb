/**
 * An order, and which time it is run.
 *
 * The special rule: an order is run once. Who wants a refused one to be run again says so with a number, and each number
 * is an execution of its own: nothing is repeated by asking twice.
 *
 * Not here: what happens in a run (`ProcessOrder.ts`).
 */
import { Schema } from "effect"
import { Order } from "./Order.ts"

/** The first time is 1. */
export const RunNumber = Schema.Int.check(Schema.isGreaterThan(0, { message: "must be 1 or more" }))

/** Any {@link Order} is one, for the first time; `{ ...order, run: 2 }` is the same order for the second time. */
export class OrderRun extends Order.extend<OrderRun>("OrderRun")({ run: Schema.optionalKey(RunNumber) }) {}

/**
 * What a run is called in a journal: the first by the id of its order, the second of `1001` is `1001#2`.
 *
 * **Details** — no two runs have one name, also where an order's own id ends like that: the first run of an order
 * `1001#2` is called `1001#2#1`.
 */
export const nameOfRun = (id: string, run = 1): string => (run === 1 && !looksNumbered.test(id) ? id : `${id}#${run}`)

// At least one character before the number: shops like to call their orders "#1001".
const looksNumbered = /.#[1-9]\d*$/
