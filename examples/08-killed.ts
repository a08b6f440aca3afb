/**
 * A trip of two steps, killed in the middle with `kill -9`, and what its next life does.
 *
 *   node --conditions=firebreak-source examples/08-killed.ts
 *
 * The program runs itself twice, in an empty folder. The first life is gone while the hotel is being asked. The second
 * one does not book the flight again, asks the hotel again, and gives the flight back when there is no room.
 */
import { execFile } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Console, Effect, Layer, Schema } from "effect"
import { Workflow } from "effect/workflow"
import { layerSqlite } from "firebreak/journal"
import { Step } from "firebreak/workflows"

const folder = process.env["TRIP_FOLDER"]
const isFirstLife = process.env["TRIP_LIFE"] === "first"

const airline = {
  book: (city: string, _key: string) => Effect.as(Console.log(`  booked a flight to ${city}`), `flight to ${city}`),
  cancel: (flight: string, _key: string) => Console.log(`  gave the ${flight} back`)
}
const hotel = {
  book: (city: string, _key: string) =>
    Effect.gen(function* () {
      yield* Console.log(`  asked a hotel in ${city}`)
      if (isFirstLife) process.kill(process.pid, "SIGKILL")
      return yield* new NoRoom({ city })
    }),
  cancel: (room: string, _key: string) => Console.log(`  gave the ${room} back`)
}

// #region steps
class NoRoom extends Schema.TaggedError<NoRoom>()("NoRoom", { city: Schema.String }) {}

const bookFlight = Step.make("book-flight", {
  success: Schema.String,
  do: (city: string, key) => airline.book(city, key),
  undo: (flight, key) => airline.cancel(flight, key),
  unknown: "repeat" // whoever books twice with one key gets one flight
})

const bookRoom = Step.make("book-room", {
  success: Schema.String,
  error: NoRoom,
  do: (city: string, key) => hotel.book(city, key),
  undo: (room, key) => hotel.cancel(room, key),
  unknown: "repeat"
})
// #endregion

// #region workflow
const Trip = Workflow.make("Trip", {
  payload: { traveller: Schema.String, city: Schema.String },
  success: Schema.String,
  error: NoRoom,
  idempotencyKey: ({ traveller }) => traveller
})

const story = Trip.toLayer(
  Effect.fnUntraced(function* ({ city, traveller }) {
    const flight = yield* bookFlight(city)
    const room = yield* bookRoom(city)
    return `${traveller} takes the ${flight} and the ${room}`
  })
)
// #endregion

// #region run
const travel = Trip.execute({ traveller: "Ann", city: "Lisbon" }).pipe(
  Effect.catchTag("NoRoom", ({ city }) => Effect.succeed(`no room in ${city}: the flight has been given back`)),
  Effect.flatMap((said) => Console.log(`  ${said}`))
)
const app = Layer.provideMerge(story, layerSqlite({ file: join(folder ?? ".", "trips.db") }))
// #endregion

/** Runs this program in a process of its own; gives what it said, and how it ended. */
const live = (life: string, folder: string) =>
  new Promise<void>((ended) => {
    const argv = [...process.execArgv, import.meta.filename]
    const env = { ...process.env, TRIP_FOLDER: folder, TRIP_LIFE: life }
    execFile(process.execPath, argv, { env }, (error, said) => {
      console.log(`the ${life} life:\n${said.trimEnd()}`)
      if (error !== null) console.log(`  ended by ${error.signal}`)
      ended()
    })
  })

if (folder !== undefined) await Effect.runPromise(Effect.provide(travel, app))
else {
  const empty = mkdtempSync(join(tmpdir(), "firebreak-trip-"))
  await live("first", empty)
  await live("second", empty)
  rmSync(empty, { recursive: true })
}

// > the first life:
// >   booked a flight to Lisbon
// >   asked a hotel in Lisbon
// >   ended by SIGKILL
// > the second life:
// >   asked a hotel in Lisbon
// >   gave the flight to Lisbon back
// >   no room in Lisbon: the flight has been given back
