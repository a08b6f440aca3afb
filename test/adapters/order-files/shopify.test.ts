/**
 * Shopify orders exports: read by column name, amounts fitted together, what the shop has taken back is skipped.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { contentOf, read, readFixture, told } from "./reading.ts"

const columns = [
  "Name",
  "Email",
  "Financial Status",
  "Currency",
  "Subtotal",
  "Shipping",
  "Taxes",
  "Total",
  "Discount Amount",
  "Lineitem quantity",
  "Lineitem name",
  "Lineitem price",
  "Lineitem sku",
  "Billing Name",
  "Cancelled at"
]

/** One row of an order; columns that are not named are empty. */
const row = (cells: { readonly [column: string]: string }) => columns.map((column) => cells[column] ?? "").join(",")

const first = (cells: { readonly [column: string]: string }) =>
  row({
    Name: "#1",
    "Financial Status": "paid",
    Currency: "EUR",
    Subtotal: "25.00",
    Shipping: "0.00",
    Taxes: "0.00",
    Total: "25.00",
    "Lineitem quantity": "2",
    "Lineitem name": "Mug",
    "Lineitem price": "12.50",
    "Lineitem sku": "MUG-1",
    ...cells
  })

const further = (cells: { readonly [column: string]: string }) =>
  row({ Name: "#1", "Lineitem quantity": "1", "Lineitem name": "Tin", "Lineitem price": "5.00", ...cells })

const readRows = (...rows: ReadonlyArray<string>) =>
  read([columns.join(","), ...rows].join("\r\n"), { paymentMethod: "pm_card_visa" })

const tell = (...rows: ReadonlyArray<string>) => Effect.map(readRows(...rows), (answers) => answers.map(told))

/** What an accepted order consists of, besides its lines. */
const amounts = (...rows: ReadonlyArray<string>) =>
  Effect.map(readRows(...rows), ([answer]) => {
    if (answer?._tag !== "Accepted") return answer === undefined ? "nothing" : told(answer)
    const { discount, shipping, tax, tip, total } = answer.order
    return Object.entries({ shipping, tax, tip, discount, total })
      .flatMap(([name, money]) => (money === undefined ? [] : [`${name} ${money}`]))
      .join(", ")
  })

const exported = [
  "2 accepted #TC-2001 37.70 GBP",
  "4 accepted #TC-2002 56.28 USD",
  "8 accepted #TC-2003 65.60 CHF",
  "9 accepted #TC-2004 5670 JPY",
  "11 accepted #TC-2005 19.40 USD",
  "13 skipped #TC-2006 refunded in the shop",
  "14 skipped #TC-2007 voided in the shop",
  "15 accepted #TC-2008 55.90 EUR",
  "18 skipped #TC-2009 cancelled in the shop",
  "19 accepted #TC-2010 0.00 EUR",
  "20 accepted #TC-2011 42.30 EUR",
  "24 accepted #TC-2012 160.19 USD",
  "25 rejected #TC-2013 total: is 24.99 USD, but subtotal + shipping + taxes come to 19.08 USD, and to 18.10 USD " +
    "with the taxes inside the prices",
  "26 accepted #TC-2014 420.00 SEK"
]

describe("an export as downloaded", () => {
  it.effect("is read through its byte order mark, CRLF, and quotes and line breaks inside cells", () =>
    Effect.gen(function* () {
      const answers = yield* read(contentOf("examples/orders/shopify.csv"), { paymentMethod: "pm_card_visa" })
      assert.deepStrictEqual(answers.map(told), exported)
      const towel = answers.find((answer) => answer._tag === "Accepted" && answer.order.id === "#TC-2002")
      assert.strictEqual(towel?._tag === "Accepted" && towel.order.lines[0].name, 'Linen towel (28"L x 19"W)')
    })
  )

  it.effect("is read the same with columns deleted, moved and renamed in case and hyphens", () =>
    Effect.gen(function* () {
      const resaved = yield* readFixture("shopify-resaved.csv", { paymentMethod: "pm_card_visa" })
      const withoutLine = (text: string) => text.slice(text.indexOf(" "))
      assert.deepStrictEqual(resaved.map(told).map(withoutLine), exported.map(withoutLine))
    })
  )

  it.effect("needs a payment method from outside, also to be rejected for want of it", () =>
    Effect.gen(function* () {
      const answers = (yield* read(
        [columns.join(","), first({}), first({ Name: "#2", "Financial Status": "voided" })].join("\n")
      )).map(told)
      assert.deepStrictEqual(answers, [
        "2 rejected #1 payment.method: is not in a Shopify export: it has to be given for all of its orders",
        "3 skipped #2 voided in the shop"
      ])
    })
  )
})

describe("the amounts of an export", () => {
  it.effect("fit with taxes on top of the prices, or inside them", () =>
    Effect.gen(function* () {
      const taxed = { Shipping: "4.90", Taxes: "4.75" }
      assert.strictEqual(
        yield* amounts(first({ ...taxed, Total: "34.65" })),
        "shipping 4.90 EUR, tax 4.75 EUR, total 34.65 EUR"
      )
      assert.strictEqual(yield* amounts(first({ ...taxed, Total: "29.90" })), "shipping 4.90 EUR, total 29.90 EUR")
    })
  )

  it.effect("fit with a tip in the total that is not in the subtotal, or in both", () =>
    Effect.gen(function* () {
      const tip = further({ "Lineitem name": "Tip", "Lineitem price": "3.00" })
      assert.strictEqual(yield* amounts(first({ Total: "28.00" }), tip), "tip 3.00 EUR, total 28.00 EUR")
      assert.strictEqual(yield* amounts(first({ Taxes: "2.00", Total: "28.00" }), tip), "tip 3.00 EUR, total 28.00 EUR")
      assert.strictEqual(
        yield* amounts(first({ Taxes: "2.00", Total: "30.00" }), tip),
        "tax 2.00 EUR, tip 3.00 EUR, total 30.00 EUR"
      )
      assert.strictEqual(yield* amounts(first({ Subtotal: "28.00", Total: "28.00" }), tip), "total 28.00 EUR")
    })
  )

  it.effect("have the discount that the lines are above the subtotal, whatever Discount Amount says", () =>
    Effect.gen(function* () {
      const discounted = first({ Subtotal: "20.00", Total: "20.00", "Discount Amount": "9.90" })
      assert.strictEqual(yield* amounts(discounted), "discount 5.00 EUR, total 20.00 EUR")
    })
  )

  it.effect("are rejected when they fit in no way, with the figures", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(
        yield* tell(first({ Taxes: "4.75", Total: "27.00" }), first({ Name: "#2", Subtotal: "30.00", Total: "30.00" })),
        [
          "2 rejected #1 total: is 27.00 EUR, but subtotal + shipping + taxes come to 29.75 EUR, and to 25.00 EUR with " +
            "the taxes inside the prices",
          "3 rejected #2 subtotal: is 30.00 EUR, but the lines come to 25.00 EUR only"
        ]
      )
    })
  )

  it.effect("may carry zeros that the currency does not have, and nothing else", () =>
    Effect.gen(function* () {
      const yen = { Currency: "JPY", Subtotal: "2500.00", Total: "2500.00", "Lineitem price": "1250.00" }
      assert.deepStrictEqual(yield* tell(first(yen), first({ ...yen, Name: "#2", "Lineitem price": "1250.50" })), [
        "2 accepted #1 2500 JPY",
        '3 rejected #2 lines[0].price: "1250.50" has too many digits after the point: JPY has none'
      ])
    })
  )

  it.effect("that cannot be read are named", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(
        yield* tell(
          first({ Name: "#1", Currency: "XYZ" }),
          first({ Name: "#2", Subtotal: "free" }),
          first({ Name: "#3", Shipping: "free" }),
          first({ Name: "#4", Taxes: "-1.00" }),
          first({ Name: "#5", Total: "" }),
          first({ Name: "#6", "Lineitem quantity": "0" }),
          first({ Name: "#7", "Lineitem price": "free" }),
          first({ Name: "#8" }),
          further({ Name: "#8", "Lineitem quantity": "-1" })
        ),
        [
          "2 rejected #1 currency: is not a currency in use (ISO 4217, in capitals, such as EUR)",
          "3 rejected #2 subtotal: is missing or not an amount",
          '4 rejected #3 shipping: "free" is not an amount: write digits and a point, such as 12.50',
          '5 rejected #4 tax: "-1.00" is below zero',
          "6 rejected #5 total: is missing",
          "7 rejected #6 lines[0].quantity: must be 1 or more",
          '8 rejected #7 lines[0].price: "free" is not an amount: write digits and a point, such as 12.50',
          "9 rejected #8 lines[1].quantity: must be 1 or more (line 10)"
        ]
      )
    })
  )
})

describe("the orders of an export", () => {
  it.effect("go by the name of a line without a SKU, and without an e-mail address", () =>
    Effect.gen(function* () {
      const [answer] = yield* readRows(first({ "Lineitem sku": "", "Billing Name": "Ann  Lee" }))
      assert.strictEqual(answer?._tag, "Accepted")
      if (answer?._tag !== "Accepted") return
      assert.strictEqual(answer.order.lines[0].sku, "Mug")
      assert.deepStrictEqual({ ...answer.order.customer }, { name: "Ann Lee" })
    })
  )

  it.effect("are skipped when refunded, voided or cancelled, whatever else is in them; not when refunded in part", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(
        yield* tell(
          first({ Name: "#1", "Financial Status": "refunded", Total: "1.00" }),
          first({ Name: "#2", "Financial Status": "Voided", "Cancelled at": "2024-03-05 08:00:00 +0100" }),
          first({ Name: "#3", "Cancelled at": "2024-03-05 08:00:00 +0100" }),
          first({ Name: "#4", "Financial Status": "partially_refunded" }),
          first({ Name: "#5", "Financial Status": "pending" })
        ),
        [
          "2 skipped #1 refunded in the shop",
          "3 skipped #2 voided in the shop",
          "4 skipped #3 cancelled in the shop",
          "5 accepted #4 25.00 EUR",
          "6 accepted #5 25.00 EUR"
        ]
      )
    })
  )

  it.effect("that are there twice are skipped or rejected, and rows without their first one are rejected", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(
        yield* tell(
          further({ Name: "#0" }),
          first({}),
          first({}),
          first({ "Lineitem quantity": "1", Subtotal: "12.50", Total: "12.50" })
        ),
        [
          "2 rejected #0 order: has no total and no currency: a further row of an order stands directly below its first",
          "3 accepted #1 25.00 EUR",
          "4 skipped #1 already read at line 3",
          "5 rejected #1 id: was already read at line 3, with a different content"
        ]
      )
    })
  )
})
