/**
 * Firebreak's own CSV columns: rows become orders, a bad row costs its own order only.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { bytesOf, read, told } from "./reading.ts"

const header = "id,email,name,currency,sku,quantity,price,shipping,tax,discount,total,payment_method"

const csv = (...rows: ReadonlyArray<string>) => [header, ...rows].join("\n")

const tell = (content: string | Uint8Array) => Effect.map(read(content), (answers) => answers.map(told))

const good = (id: string) => `${id},ann@example.com,Ann,EUR,MUG-1,2,12.50,,,,25.00,pm_card_visa`

describe("the rows of an order", () => {
  it.effect("are its lines, and what is true of all of it is left empty below the first", () =>
    Effect.gen(function* () {
      const [answer] = yield* read(
        csv("1,ann@example.com,Ann,EUR,MUG-1,2,12.50,4.90,1.00,2.00,35.90,pm_card_visa", "1,,,,TEA-1,1,7.00,,,,,")
      )
      assert.strictEqual(answer?._tag, "Accepted")
      if (answer?._tag !== "Accepted") return
      assert.deepStrictEqual(JSON.parse(JSON.stringify(answer.order)), {
        id: "1",
        customer: { email: "ann@example.com", name: "Ann" },
        lines: [
          { sku: "MUG-1", quantity: 2, price: { currency: "EUR", minor: 1250 } },
          { sku: "TEA-1", quantity: 1, price: { currency: "EUR", minor: 700 } }
        ],
        shipping: { currency: "EUR", minor: 490 },
        tax: { currency: "EUR", minor: 100 },
        discount: { currency: "EUR", minor: 200 },
        total: { currency: "EUR", minor: 3590 },
        payment: { method: "pm_card_visa" }
      })
    })
  )

  it.effect("may repeat what is true of all of it", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(
        yield* tell(
          csv(
            "1,ann@example.com,,EUR,MUG-1,2,12.50,,,,32.00,pm_card_visa",
            "1,ann@example.com,,EUR,TEA-1,1,7.00,,,,32.00,pm_card_visa",
            good("2")
          )
        ),
        ["2 accepted 1 32.00 EUR", "4 accepted 2 25.00 EUR"]
      )
    })
  )

  it.effect("begin another order of the same id where they say something else about it", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(
        yield* tell(
          csv(good("1"), "1,ann@example.com,Ann,EUR,MUG-1,1,12.50,,,,12.50,pm_card_visa", good("1"), good("1"))
        ),
        [
          "2 accepted 1 25.00 EUR",
          "3 rejected 1 id: was already read at line 2, with a different content",
          "4 skipped 1 already read at line 2",
          "5 skipped 1 already read at line 2"
        ]
      )
    })
  )

  it.effect("stand below each other, or are rejected", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(
        yield* tell(csv("1,,,EUR,MUG-1,1,5.00,,,,7.00,pm_card_visa", good("2"), "1,,,,TEA-1,1,2.00,,,,,")),
        [
          "2 rejected 1 total: is 7.00 EUR, but lines + shipping + tax + tip − discount come to 5.00 EUR",
          "3 accepted 2 25.00 EUR",
          "4 rejected 1 order: has no total and no currency: a further row of an order stands directly below its first"
        ]
      )
    })
  )
})

describe("a bad row", () => {
  it.effect("is rejected with the line of its order, the field, and its own line when that is another", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(
        yield* tell(
          csv(
            "1,,,EUR,MUG-1,0,12.50,,,,0.00,pm_card_visa",
            "2,,,EUR,MUG-1,1,12.50,,,,12.50,pm_card_visa",
            "2,,,,MUG-2,-1,12.50,,,,,",
            "3,,,EUR,MUG-1,two,12.50,,,,25.00,pm_card_visa",
            "4,,,EUR,MUG-1,2.5,12.50,,,,31.25,pm_card_visa",
            "5,,,EUR,,1,12.50,,,,12.50,pm_card_visa",
            "6,,,EUR,MUG-1,,12.50,,,,12.50,pm_card_visa",
            "7,,,JPY,MUG-1,1,12.50,,,,12.50,pm_card_visa",
            "8,,,ABC,MUG-1,1,12.50,,,,12.50,pm_card_visa",
            ",,,EUR,MUG-1,1,12.50,,,,12.50,pm_card_visa",
            ",,,,MUG-2,1,12.50,,,,,",
            "9,,,EUR,MUG-1,1,12.50,,,,12.50,",
            "10,,,EUR,MUG-1,1,12.50,4.90,,,12.50,pm_card_visa",
            "11,not an address,,EUR,MUG-1,1,12.50,,,,12.50,pm_card_visa",
            good("12")
          )
        ),
        [
          "2 rejected 1 lines[0].quantity: must be 1 or more",
          "3 rejected 2 lines[1].quantity: must be 1 or more (line 4)",
          '5 rejected 3 lines[0].quantity: "two" is not a number',
          "6 rejected 4 lines[0].quantity: must be a whole number",
          "7 rejected 5 lines[0].sku: is missing",
          "8 rejected 6 lines[0].quantity: is missing",
          '9 rejected 7 lines[0].price: "12.50" has too many digits after the point: JPY has none',
          "10 rejected 8 currency: is not a currency in use (ISO 4217, in capitals, such as EUR)",
          "11 rejected null id: is missing",
          "12 rejected null id: is missing",
          "13 rejected 9 payment.method: is missing",
          "14 rejected 10 total: is 12.50 EUR, but lines + shipping + tax + tip − discount come to 17.40 EUR",
          "15 rejected 11 customer.email: is not an e-mail address",
          "16 accepted 12 25.00 EUR"
        ]
      )
    })
  )

  it.effect("quotes a quantity that is no number, cut and without what does not print", () =>
    Effect.gen(function* () {
      const quantity = (id: string, cell: string) => `${id},,,EUR,MUG-1,${cell},12.50,,,,12.50,pm_card_visa`
      assert.deepStrictEqual(
        yield* tell(
          csv(
            good("1"),
            "1,,,,MUG-2,1 pair,1.00,,,,,",
            quantity("2", "1".repeat(50)),
            quantity("3", "x".repeat(50)),
            quantity("4", "a\u001b[2Jb")
          )
        ),
        [
          '2 rejected 1 lines[1].quantity: "1 pair" is not a number (line 3)',
          `4 rejected 2 lines[0].quantity: "${"1".repeat(40)}…" has too many digits`,
          `5 rejected 3 lines[0].quantity: "${"x".repeat(40)}…" is not a number`,
          '6 rejected 4 lines[0].quantity: "a�[2Jb" is not a number'
        ]
      )
    })
  )

  it.effect("with a quote in the wrong place costs itself only", () =>
    Effect.gen(function* () {
      const wrongPlace =
        "has a quote in the wrong place: a cell with a quote in it stands in quotes, with the quote doubled"
      assert.deepStrictEqual(
        yield* tell(
          csv(
            good("1"),
            '2,,5" pipe,EUR,MUG-1,2,12.50,,,,25.00,pm_card_visa',
            good("3"),
            '4,,"Ann"a,EUR,MUG-1,2,12.50,,,,25.00,pm_card_visa',
            '5,,"Ann ""the mug"" Lee, jr.",EUR,MUG-1,2,12.50,,,,25.00,pm_card_visa',
            '6,, "Ann",EUR,MUG-1,2,12.50,,,,25.00,pm_card_visa',
            good("7")
          )
        ),
        [
          "2 accepted 1 25.00 EUR",
          `3 rejected null order: ${wrongPlace}`,
          "4 accepted 3 25.00 EUR",
          `5 rejected null order: ${wrongPlace}`,
          "6 accepted 5 25.00 EUR",
          `7 rejected null order: ${wrongPlace}`,
          "8 accepted 7 25.00 EUR"
        ]
      )
    })
  )

  it.effect("with a quote that is never closed is told with the lines it has taken", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(
        yield* tell(csv(good("1"), '2,,"Ann,EUR,MUG-1,2,12.50,,,,25.00,pm_card_visa', good("3"), good("4"))),
        ["2 accepted 1 25.00 EUR", "3 rejected null order: has a quote that is still open at the end, line 5"]
      )
    })
  )

  it.effect("with other cells than the header is rejected, but empty cells at its end are let pass", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(
        yield* tell(csv("1,,,EUR,MUG-1,2,12.50,,,25.00,pm_card_visa", `${good("2")},extra`, `${good("3")},, `)),
        [
          "2 rejected 1 order: has 11 cells on line 2, where the header has 12",
          "3 rejected 2 order: has 13 cells on line 3, where the header has 12",
          "4 accepted 3 25.00 EUR"
        ]
      )
    })
  )

  it.effect("that is not UTF-8 further down costs itself only", () =>
    Effect.gen(function* () {
      const many = csv(...Array.from({ length: 1500 }, (_, n) => good(String(n))))
      const latin1 = Buffer.from("\nx,,Andr\xe9,EUR,MUG-1,2,12.50,,,,25.00,pm_card_visa\n", "latin1")
      const answers = (yield* read(Buffer.concat([bytesOf(many), latin1, bytesOf(good("z"))]))).map(told)
      assert.strictEqual(answers.length, 1502)
      assert.deepStrictEqual(answers.slice(-2), [
        "1502 rejected null order: is not written in UTF-8",
        "1503 accepted z 25.00 EUR"
      ])
    })
  )
})

describe("the layout of the file", () => {
  it.effect("is read by the names of the columns: any order, any case, hyphens and spaces, unknown columns", () =>
    Effect.gen(function* () {
      const other =
        "Total,SKU,channel,ID,Payment-Method,CURRENCY, quantity ,Price\r\n" +
        "25.00,MUG-1,web,1,pm_card_visa,EUR, 2 , 12.50 \r\n"
      assert.deepStrictEqual(yield* tell(`\ufeff${other}`), ["2 accepted 1 25.00 EUR"])
    })
  )

  it.effect(
    "may have blank lines, rows of commas, and line breaks inside cells: the lines counted are the file's",
    () =>
      Effect.gen(function* () {
        const rows = [
          good("1"),
          "",
          ",,,,,,,,,,,",
          '2,,"Ann\r\nLee",EUR,MUG-1,2,12.50,,,,25.00,pm_card_visa',
          good("3")
        ]
        assert.deepStrictEqual(yield* tell([header, ...rows].join("\r\n")), [
          "2 accepted 1 25.00 EUR",
          "5 rejected 2 customer.name: contains a control character",
          "7 accepted 3 25.00 EUR"
        ])
      })
  )

  it.effect("may be a header without orders", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* tell(header), [])
      assert.deepStrictEqual(yield* tell(`${header}\r\n`), [])
    })
  )
})
