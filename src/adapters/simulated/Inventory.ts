/**
 * A warehouse in this process: shelves with so many of each SKU.
 *
 * The special rule: what the stock does not list is plentiful, so that a file of orders runs without one.
 */
import { Effect, Layer, Result } from "effect"
import {
  Inventory,
  InventoryUnavailable,
  OutOfStock,
  Reservation,
  ReservationId,
  type Sku,
  type StepKey,
  type Wanted
} from "../../workflows/index.ts"
import { Hardship } from "./Hardship.ts"
import { idFrom } from "./idFrom.ts"
import { Ledger } from "./Ledger.ts"
import { recently } from "./recently.ts"
import type { Stock } from "./Stock.ts"

const unanswered = "the warehouse does not answer"

export const layer = (stock: Stock): Layer.Layer<Inventory, never, Ledger | Hardship> =>
  Layer.effect(
    Inventory,
    Effect.gen(function* () {
      const ledger = yield* Ledger
      const hardship = yield* Hardship
      const shelves = new Map(stock)
      const answered = recently<StepKey, Result.Result<Reservation, OutOfStock>>()
      const reserved = recently<ReservationId, ReadonlyMap<Sku, number>>()

      const book = (key: StepKey, { lines, orderId }: Wanted): Result.Result<Reservation, OutOfStock> => {
        const wanted = new Map<Sku, number>()
        for (const { quantity, sku } of lines) wanted.set(sku, (wanted.get(sku) ?? 0) + quantity)
        for (const [sku, quantity] of wanted) {
          const available = shelves.get(sku) ?? Infinity
          if (available < quantity) return Result.fail(new OutOfStock({ orderId, sku, wanted: quantity, available }))
        }
        const reservation = new Reservation({ id: ReservationId.make(idFrom("rs", key)) })
        move(wanted, -1)
        reserved.set(reservation.id, wanted)
        ledger.enter({ what: "reserved", order: orderId, reservation: reservation.id })
        return Result.succeed(reservation)
      }

      const move = (goods: ReadonlyMap<Sku, number>, direction: 1 | -1) => {
        for (const [sku, quantity] of goods) {
          const there = shelves.get(sku)
          if (there !== undefined) shelves.set(sku, there + direction * quantity)
        }
      }

      return {
        reserve: Effect.fnUntraced(function* (key, wanted) {
          const {
            lines: [line],
            orderId
          } = wanted
          const fared = yield* hardship.meet("inventory.reserve", key)
          if (fared.strikes("down")) return yield* new InventoryUnavailable({ orderId, reason: unanswered })
          if (fared.strikes("empty") && line !== undefined) {
            return yield* new OutOfStock({ orderId, sku: line.sku, wanted: line.quantity, available: 0 })
          }
          const answer = answered.get(key) ?? book(key, wanted)
          answered.set(key, answer)
          yield* fared.back
          return yield* Effect.fromResult(answer)
        }),
        release: Effect.fnUntraced(function* (key, { orderId, reservation }) {
          const fared = yield* hardship.meet("inventory.release", key)
          if (fared.strikes("down")) return yield* new InventoryUnavailable({ orderId, reason: unanswered })
          const goods = reserved.get(reservation)
          if (goods !== undefined && goods.size > 0) {
            move(goods, 1)
            reserved.set(reservation, new Map())
            ledger.enter({ what: "released", order: orderId, reservation })
          }
          yield* fared.back
        })
      }
    })
  )
