/**
 * Traces as texts: what a terminal shows, and what a test compares whole.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { coroutineScope, failureTraceText } from "firebreak/supervision"
import { hostile, nested, orders, pair, traced, wide } from "../support/tracedPrograms.ts"

const lines = (text: string) => text.split("\n")

describe("the text of a trace", () => {
  it.effect("says who failed first, and who was cancelled because of it", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(lines(failureTraceText(yield* traced(pair))), [
        "✗ order       0ms–30ms  failed because of reserve",
        "├─ ✗ reserve  0ms–20ms  failed first: OutOfStock: no MUG-1 left",
        "└─ ⊘ notify   0ms–30ms  cancelled because of reserve",
        "",
        "order / reserve failed first after 20ms: OutOfStock: no MUG-1 left",
        "  brought down: order",
        "  cancelled: order / notify"
      ])
    })
  )

  it.effect("shows where a failure stopped, and who was spared", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(lines(failureTraceText(yield* traced(nested))), [
        "✓ ProcessOrder                  0ms–180ms",
        "├─ ✓ audit                      0ms–180ms",
        "└─ ✓ side by side (supervisor)  0ms–120ms",
        "   ├─ ✗ reserve                 0ms–90ms   failed because of shelf / north",
        "   │  └─ ✗ shelf                0ms–90ms   failed because of north",
        "   │     ├─ ✗ north             0ms–40ms   failed first: OutOfStock: no MUG-1 left",
        "   │     └─ ⊘ south             0ms–90ms   cancelled because of north",
        "   ├─ ✓ e-mail                  0ms–120ms  spared: reserve / shelf / north and 1 more failed",
        "   └─ ✗ sms                     0ms–60ms   failed first: SmtpDown",
        "",
        "ProcessOrder / side by side / reserve / shelf / north failed first after 40ms: OutOfStock: no MUG-1 left",
        "  brought down: reserve / shelf, reserve",
        "  cancelled: reserve / shelf / south",
        "  spared: e-mail, sms",
        "",
        "ProcessOrder / side by side / sms failed first after 60ms: SmtpDown",
        "  spared: e-mail"
      ])
    })
  )

  it.effect("shows what failed of thousands, and counts the others where they stood", () =>
    Effect.gen(function* () {
      const text = lines(failureTraceText(yield* traced(wide(5000)), { rows: 6 }))
      assert.deepStrictEqual(text.slice(0, 7), [
        "✓ letters (supervisor)  0ms–96ms",
        "├─ ✓ launch#41          0ms–41ms  spared: launch#2500 failed",
        "├─ ✓ launch#42          0ms–42ms  spared: launch#2500 failed",
        "├─ ✓ launch#43          0ms–43ms  spared: launch#2500 failed",
        "├─ ✓ launch#44          0ms–44ms  spared: launch#2500 failed",
        "├─ ✗ launch#2500        0ms–40ms  failed first: SmtpDown",
        "└─ … and 4,995 more, all succeeded"
      ])
      assert.match(text[9]!, /^  spared: launch#41, .* and 2,\d\d\d more$/)
    })
  )

  it.effect("folds what went well when the failures of many orders need the room", () =>
    Effect.gen(function* () {
      const text = lines(failureTraceText(yield* traced(orders(20)), { rows: 30 }))
      assert.deepStrictEqual(text.slice(0, 9), [
        "✓ order 1001     0ms–44ms",
        "└─ ✓ supervisor  14ms–44ms",
        "   ├─ ✓ reserve  14ms–30ms",
        "   └─ ✗ notify   14ms–44ms   failed first: SmtpDown",
        "✓ order 1002     0ms–43ms    with 3 in it, all succeeded",
        "✗ order 1003     0ms–22ms    failed first: SmtpDown",
        "✗ order 1004     0ms–45ms    failed because of supervisor / reserve",
        "└─ ✗ supervisor  26ms–45ms   failed because of reserve",
        "   ├─ ✗ reserve  26ms–45ms   failed first: OutOfStock: no MUG-1 left"
      ])
    })
  )

  it.effect("holds no control characters and no endless names", () =>
    Effect.gen(function* () {
      const text = failureTraceText(yield* traced(hostile))
      assert.notMatch(text, /[^\n\P{Cc}]|\p{Cs}|\p{Bidi_Control}/u)
      for (const line of lines(text)) assert.isBelow(line.length, 250)
      assert.match(text, /^✗ first line second line /)
    })
  )

  it.effect("is the same for the same trace, and for its JSON", () =>
    Effect.gen(function* () {
      const trace = yield* traced(orders(10))
      assert.strictEqual(failureTraceText(JSON.parse(JSON.stringify(trace))), failureTraceText(trace))
    })
  )

  it.effect("of nothing is empty", () =>
    Effect.gen(function* () {
      assert.strictEqual(failureTraceText(yield* traced(Effect.void)), "")
    })
  )

  it.effect("tells times in the unit that fits", () =>
    Effect.gen(function* () {
      const trace = yield* traced(coroutineScope(function* () {}))
      const of = (to: number) =>
        lines(failureTraceText({ ...trace, roots: [{ ...trace.roots[0]!, to }] }))[0]!.split("–")[1]
      assert.deepStrictEqual([0.25, 3.456, 42.24, 999.6, 1250, 59_999, 61_000, 3_600_000, 5_400_000].map(of), [
        "0.25ms",
        "3.46ms",
        "42.2ms",
        "1000ms",
        "1.25s",
        "60s",
        "1m 1s",
        "1h",
        "1h 30m"
      ])
    })
  )
})
