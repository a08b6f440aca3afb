/**
 * A warehouse: shelves with so many of each SKU.
 *
 * The special rule: what the stock does not list is plentiful, so that a file of orders runs without one. What lies on
 * the shelves at first is counted once; from then on the shelves know better than any list.
 */
import { Effect, Layer } from "effect"
import { Inventory, OutOfStock, Reservation, ReservationId, Sku, type Wanted } from "../../workflows/index.ts"
import { idFrom } from "./idFrom.ts"
import { enter } from "./Ledger.ts"
import { type Desk, Outside } from "./Outside.ts"

type Answer =
  | { readonly reservation: string }
  | { readonly missing: string; readonly wanted: number; readonly available: number }

export const layer: Layer.Layer<Inventory, never, Outside> = Layer.effect(
  Inventory,
  Outside.useSync(({ ask }) => ({
    reserve: (key, wanted) => {
      const { orderId } = wanted
      const goods = goodsOf(wanted)
      return ask({ place: "inventory.reserve", key, order: orderId, asked: goods }, (desk) =>
        reserved(desk, wanted, goods, idFrom("rs", key))
      ).pipe(
        Effect.flatMap((answer) =>
          "reservation" in answer
            ? Effect.succeed(new Reservation({ id: ReservationId.make(answer.reservation), orderId }))
            : Effect.fail(new OutOfStock({ ...answer, orderId, sku: Sku.make(answer.missing) }))
        )
      )
    },
    release: (key, { id, orderId }) =>
      Effect.asVoid(
        ask({ place: "inventory.release", key, order: orderId, asked: id }, (desk) => {
          const held = desk.get("SELECT goods FROM reservations WHERE id = ? AND status = 'held'", id)
          if (held === undefined) return { released: false }
          const goods: Record<string, number> = JSON.parse(String(held["goods"]))
          for (const [sku, quantity] of Object.entries(goods)) desk.run(putBack, quantity, sku)
          desk.run("UPDATE reservations SET status = 'released' WHERE id = ?", id)
          enter(desk, "released", orderId, id)
          return { released: true }
        })
      )
  }))
)

const goodsOf = ({ lines }: Wanted): Record<string, number> => {
  const goods: Record<string, number> = Object.create(null)
  for (const { quantity, sku } of lines) goods[sku] = (goods[sku] ?? 0) + quantity
  return goods
}

const reserved = (desk: Desk, wanted: Wanted, goods: Record<string, number>, id: string): Answer => {
  const [line] = wanted.lines
  if (desk.strikes("empty")) return { missing: line.sku, wanted: line.quantity, available: 0 }
  for (const [sku, quantity] of Object.entries(goods)) {
    const shelf = desk.get("SELECT available FROM stock WHERE sku = ?", sku)
    const available = shelf === undefined ? Infinity : Number(shelf["available"])
    if (available < quantity) return { missing: sku, wanted: quantity, available }
  }
  for (const [sku, quantity] of Object.entries(goods)) desk.run(putBack, -quantity, sku)
  desk.run(
    "INSERT INTO reservations (id, order_id, status, goods) VALUES (?, ?, 'held', ?)",
    id,
    wanted.orderId,
    JSON.stringify(goods)
  )
  enter(desk, "reserved", wanted.orderId, id)
  return { reservation: id }
}

const putBack = "UPDATE stock SET available = available + ? WHERE sku = ?"
