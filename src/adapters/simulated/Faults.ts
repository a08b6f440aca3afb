/**
 * What is to go wrong in a simulated world, as one line that a person can type: `payment.down=0.1,inventory.slow=200ms`.
 *
 *   SPEC   = entry {"," entry}
 *   entry  = place "." fault "=" value
 *   place  = payment | payment.open | payment.confirm | payment.find | payment.refund | payment.findRefund
 *          | inventory | inventory.reserve | inventory.release
 *          | notification | notification.received | notification.refused
 *   fault  = down             with a chance, such as 0.1 or 10 %: nobody is there, and nothing happens
 *          | dies             with a chance: the call dies of a defect, and nothing happens
 *          | lost             with a chance: it takes effect, and the answer gets lost
 *          | hangs            with a chance: there never is an answer, and chance decides whether it takes effect
 *          | slow             with a duration or a range, such as 200ms or 50ms..2s
 *          | declined         (payment.confirm) with a chance
 *          | refused          (payment.refund) with a chance
 *          | empty            (inventory.reserve) with a chance
 *
 * The special rule: a spec is read as a whole or refused, and the refusal names the part that is wrong.
 *
 * Not here: when a fault strikes (`Hardship.ts`).
 */
import { Duration, Result, Schema } from "effect"

const methods = {
  payment: ["open", "confirm", "find", "refund", "findRefund"],
  inventory: ["reserve", "release"],
  notification: ["received", "refused"]
} as const

/** A method of a port, such as `payment.charge`. */
export type Place = { [P in keyof typeof methods]: `${P}.${(typeof methods)[P][number]}` }[keyof typeof methods]

/** A fault that strikes by chance: 0 never, 1 always. */
export const byChance = ["down", "dies", "lost", "hangs", "declined", "refused", "empty"] as const
export type ByChance = (typeof byChance)[number]

/** What can go wrong at one place. */
export type FaultsOfPlace = { readonly [_ in ByChance]?: number } & {
  readonly slow?: { readonly atLeast: Duration.Duration; readonly atMost: Duration.Duration }
}

export type Faults = { readonly [_ in Place]?: FaultsOfPlace }

/** A spec of faults that cannot be read. */
export class FaultsUnreadable extends Schema.TaggedError<FaultsUnreadable>()("FaultsUnreadable", {
  part: Schema.String,
  reason: Schema.String
}) {
  override get message() {
    return `"${this.part}" is no fault: ${this.reason}`
  }
}

/** Reads a spec. The later of two entries for one fault counts. */
export const parseFaults = (spec: string): Result.Result<Faults, FaultsUnreadable> => {
  const faults: { [_ in Place]?: FaultsOfPlace } = {}
  for (const part of spec.split(",").map((part) => part.trim())) {
    const refuse = (reason: string) => Result.fail(new FaultsUnreadable({ part, reason }))
    const [where = "", value] = part.split("=").map((side) => side.trim())
    if (value === undefined || value === "") return refuse("write it as place.fault=value, such as payment.down=0.1")
    const names = where.split(".")
    const fault = names.pop() ?? ""
    const places = placesOf(names)
    if (places === undefined) return refuse(`there is no place "${names.join(".")}": ${placesInWords}`)
    if (fault === "slow") {
      const range = readRange(value)
      if (range === undefined) return refuse(`"${value}" is no duration: write 200ms, 2s, or a range such as 50ms..2s`)
      for (const place of places) faults[place] = { ...faults[place], slow: range }
      continue
    }
    if (!isByChance(fault)) return refuse(`there is no fault "${fault}": say slow, ${byChance.join(", ")}`)
    const at = places.filter((place) => (onlyAt[fault] ?? place) === place)
    if (at.length === 0) return refuse(`"${fault}" happens at ${onlyAt[fault]} only`)
    const chance = readChance(value)
    if (chance === undefined) return refuse(`"${value}" is no chance: write a number from 0 to 1, or 10%`)
    for (const place of at) faults[place] = { ...faults[place], [fault]: chance }
  }
  return Result.succeed(faults)
}

const onlyAt: { readonly [_ in ByChance]?: Place } = {
  declined: "payment.confirm",
  refused: "payment.refund",
  empty: "inventory.reserve"
}

const isByChance = (word: string): word is ByChance => byChance.some((each) => each === word)

const places = new Map<string, ReadonlyArray<Place>>()
for (const [port, names] of Object.entries(methods)) {
  // Sound: this is the very product that `Place` is made of, which `Object.entries` forgets.
  const all = names.map((name) => `${port}.${name}` as Place)
  places.set(port, all)
  for (const place of all) places.set(place, [place])
}

const placesOf = (names: ReadonlyArray<string>) => places.get(names.join("."))
const placesInWords = `say ${Object.keys(methods).join(", ")}, or one method such as payment.refund`

const readChance = (text: string): number | undefined => {
  const match = /^(\d+(?:\.\d+)?|\.\d+)\s*(%?)$/.exec(text)
  if (match === null) return undefined
  const chance = Number(match[1]) / (match[2] === "%" ? 100 : 1)
  return chance <= 1 ? chance : undefined
}

const units = { ms: Duration.millis, s: Duration.seconds, m: Duration.minutes } as const

const readDuration = (text: string): Duration.Duration | undefined => {
  const match = /^(\d+(?:\.\d+)?)\s*(ms|s|m)$/.exec(text)
  // Sound: the pattern lets no other unit pass.
  return match === null ? undefined : units[match[2] as keyof typeof units](Number(match[1]))
}

const readRange = (text: string) => {
  const [from = "", to = from, ...more] = text.split("..").map((side) => side.trim())
  const atLeast = readDuration(from)
  const atMost = readDuration(to)
  if (atLeast === undefined || atMost === undefined || more.length > 0) return undefined
  return Duration.isLessThanOrEqualTo(atLeast, atMost) ? { atLeast, atMost } : undefined
}
