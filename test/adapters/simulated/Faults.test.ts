/**
 * The little language of `--faults`: what it says, and how a mistake in it is answered.
 */
import { assert, describe, it } from "@effect/vitest"
import { Duration, Result } from "effect"
import { parseFaults } from "firebreak/adapters/simulated"

const read = (spec: string) => Result.getOrThrow(parseFaults(spec))

describe("a spec of faults", () => {
  it("names a port, and means all of its methods", () => {
    assert.deepStrictEqual(read("payment.down=0.1"), {
      "payment.open": { down: 0.1 },
      "payment.confirm": { down: 0.1 },
      "payment.find": { down: 0.1 },
      "payment.refund": { down: 0.1 },
      "payment.findRefund": { down: 0.1 }
    })
  })

  it("names one method, with chances as numbers or per cent, and durations or ranges of them", () => {
    assert.deepStrictEqual(
      read(" payment.refund.down = 1, inventory.reserve.slow=50ms..2s,notification.received.dies=25%"),
      {
        "payment.refund": { down: 1 },
        "inventory.reserve": { slow: { atLeast: Duration.millis(50), atMost: Duration.seconds(2) } },
        "notification.received": { dies: 0.25 }
      }
    )
  })

  it("tells an answer that gets lost from one that never comes", () => {
    assert.deepStrictEqual(read("inventory.reserve.lost=0.2,inventory.reserve.hangs=1"), {
      "inventory.reserve": { lost: 0.2, hangs: 1 }
    })
  })

  it("puts declined and empty where they belong", () => {
    assert.deepStrictEqual(read("payment.declined=.5,inventory.empty=0.2"), {
      "payment.confirm": { declined: 0.5 },
      "inventory.reserve": { empty: 0.2 }
    })
  })

  it("keeps what was said before about the same place, and takes the later of two words about one fault", () => {
    assert.deepStrictEqual(read("payment.confirm.down=0.1,payment.confirm.slow=1s,payment.confirm.down=0.2"), {
      "payment.confirm": { down: 0.2, slow: { atLeast: Duration.seconds(1), atMost: Duration.seconds(1) } }
    })
  })

  it.each([
    ["payment.down", "payment.down", "write it as place.fault=value"],
    ["payment.down=0.1,,", "", "write it as place.fault=value"],
    ["paymnet.down=0.1", "paymnet.down=0.1", `there is no place "paymnet": say payment, inventory, notification`],
    ["payment.reserve.down=1", "payment.reserve.down=1", `there is no place "payment.reserve"`],
    ["payment.up=1", "payment.up=1", `there is no fault "up"`],
    ["payment.down=1.1", "payment.down=1.1", `"1.1" is no chance`],
    ["payment.down=110%", "payment.down=110%", `"110%" is no chance`],
    ["payment.down=-1", "payment.down=-1", `"-1" is no chance`],
    ["payment.slow=1h", "payment.slow=1h", `"1h" is no duration`],
    ["payment.slow=2s..1s", "payment.slow=2s..1s", `"2s..1s" is no duration`],
    ["inventory.declined=1", "inventory.declined=1", `"declined" happens at payment.confirm only`],
    ["payment.down=0.1, inventory.slow=x", "inventory.slow=x", `"x" is no duration`]
  ])("refuses %s and names the part that is wrong", (spec, part, reason) => {
    const refused = parseFaults(spec)
    assert(Result.isFailure(refused))
    assert.strictEqual(refused.failure.part, part)
    assert.include(refused.failure.message, reason)
  })
})
