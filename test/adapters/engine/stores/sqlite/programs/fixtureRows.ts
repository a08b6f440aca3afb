/**
 * What is in the fixtures of earlier layouts: an execution in each kind of state, with events.
 *
 * A fixture is written once, by `fixture.ts`, with the layout of its time, and never again.
 */
import { ended, event, row } from "../../contract/JournalUnderTest.ts"

export const fixtureRows = [
  ended(1, 9_000, { status: "refused", outcome: '{"_tag":"Failure"}', why: '{"because":"failure"}' }),
  row(2),
  row(3, { status: "suspended", wakeAt: 4_102_444_800_000, parent: "id-2", name: "Zoë’s 🍵" }),
  row(4, { status: "stuck", why: '{"because":"stuck"}' }),
  ended(5, 8_000)
]

export const fixtureTombstone = ended(6, 1, { payload: "", why: null, removedAt: 9_999 })

export const fixtureEvents = [
  event(1, 1, { data: '{"place":"1","path":"","gen":0,"in":{"cents":1250}}' }),
  event(1, 2, { kind: "unknown", subject: null, call: 1, data: '{"reason":"timeout"}' }),
  event(1, 3, { kind: "attempt", subject: null, call: 1, data: null }),
  event(1, 4, { kind: "done", subject: null, call: 1, data: '{"ok":"ch_1"}' }),
  event(1, 5, { subject: "reserve/MUG-1", data: '{"place":"1.1","path":"","gen":0,"in":null}' }),
  event(1, 6, { kind: "refused", subject: null, call: 5, data: '{"no":"OutOfStock"}' }),
  event(1, 7, { kind: "undo", subject: null, call: 1, data: null }),
  event(1, 8, { kind: "undone", subject: null, call: 1, data: null }),
  event(2, 1, { data: '{"place":"1","path":"","gen":0,"in":{"cents":7}}' }),
  event(3, 1, { kind: "timer", subject: "tomorrow", data: '{"due":4102444800000}' })
]
