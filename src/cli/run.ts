/**
 * `firebreak run FILE…`: runs the orders of the files, and says what became of each.
 *
 * The special rule: before the first order is tried, everything that could make the command unusable has been looked at:
 * its options, its stock, and the beginning of every file.
 *
 * Not here: running a stream of rows (`runRows.ts`), the words for what became of an order (`Outcome.ts`), and how they
 * are shown (`Report.ts`).
 */
import { Effect, FileSystem, Option, type PlatformError, Random, Result } from "effect"
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import {
  FailureRecorder,
  failureTraceSvg,
  Ledger,
  ordersOn,
  parseFaults,
  parseStock,
  type SimulatedOptions,
  type Stock
} from "../app.ts"
import { checkRows } from "./checkRows.ts"
import { journalFlag } from "./journal.ts"
import { listen } from "./leaving.ts"
import { printable } from "./printable.ts"
import { runRows } from "./runRows.ts"
import { makeScreen, type Screen } from "./Screen.ts"
import { openOrders, why } from "./sources.ts"
import { Unusable, yes } from "./usage.ts"

const options = {
  files: Argument.String("FILE").pipe(
    Argument.withDescription("Orders as JSON lines, a JSON array, CSV or a Shopify export; - is standard input"),
    Argument.variadic({ min: 1 })
  ),
  journal: journalFlag,
  again: yes("again", "Run orders once more that were refused, were cancelled or failed before"),
  stock: Flag.String("stock").pipe(
    Flag.withMetavar("FILE"),
    Flag.withDescription(
      'What lies on the shelves at first, as JSON such as {"MUG-1": 12}; what it does not list is plentiful'
    ),
    Flag.optional
  ),
  faults: Flag.String("faults").pipe(
    Flag.withMetavar("SPEC"),
    Flag.withDescription("What goes wrong, such as payment.down=0.1,inventory.slow=50ms..200ms,payment.refund.down=1"),
    Flag.optional
  ),
  seed: Flag.Int("seed").pipe(
    Flag.withMetavar("N"),
    Flag.withDescription("Which orders the faults strike; the same number strikes the same ones"),
    Flag.optional
  ),
  concurrency: Flag.Int("concurrency").pipe(
    Flag.withMetavar("N"),
    Flag.withDescription("How many orders run at a time (16)"),
    Flag.withDefault(16)
  ),
  paymentMethod: Flag.String("payment-method").pipe(
    Flag.withMetavar("TOKEN"),
    Flag.withDescription("What the orders of a Shopify export are paid with, which names nothing (pm_card_visa)"),
    Flag.withDefault("pm_card_visa")
  ),
  picture: Flag.String("picture").pipe(
    Flag.withMetavar("FILE.svg"),
    Flag.withDescription("Draw what happened: who failed, who was cancelled because of it, who was spared"),
    Flag.optional
  ),
  check: yes("check", "Only read the orders and say what is wrong with them"),
  json: yes(
    "json",
    "One line of JSON per order on standard output, in order of ending; the report goes to standard error"
  ),
  quiet: yes("quiet", "No progress line and no colours")
}

type Options = Command.Command.Config.Infer<typeof options>

export const run = Command.make("run", options, (options) => Effect.scoped(runFiles(options))).pipe(
  Command.withDescription(
    "Runs orders: charges each, then reserves the goods and tells the customer, and takes back what must be taken back. " +
      "The payment gateway, the warehouse and the mail server are simulated in this process: no real money moves.\n" +
      "  Everything is kept in a journal: a run that dies or is interrupted goes on when the same command is started again,\n" +
      "  and no order is charged twice.\n\n" +
      "  It ends with the code\n" +
      "      0  every order ended completed, refused, skipped or cancelled\n" +
      "      1  some ended otherwise\n" +
      "      2  the command line, a file or the journal is unusable, nothing was run\n" +
      "    130  it was interrupted, or its standard output was closed; the same command goes on"
  ),
  Command.withShortDescription("Run the orders of files"),
  Command.withExamples([
    { command: "firebreak run orders.ndjson --stock stock.json", description: "Run a file of orders" },
    { command: "firebreak run shop.csv --check", description: "Only say what is wrong with it" },
    { command: "firebreak run orders.ndjson --again", description: "Run the refused orders of a file once more" },
    {
      command: "firebreak run orders.ndjson --json --faults payment.down=0.1 --seed 7",
      description: "One order in ten finds no payment gateway"
    }
  ])
)

const runFiles = Effect.fnUntraced(function* (options: Options) {
  if (options.concurrency < 1 || options.concurrency > 1000) {
    return yield* new Unusable({ reason: "--concurrency takes a number from 1 to 1000" })
  }
  if (options.check && Option.isSome(options.picture)) {
    return yield* new Unusable({ reason: "--check runs nothing, so there is nothing that --picture could show" })
  }
  if (options.check && options.again) {
    return yield* new Unusable({ reason: "--check runs nothing, so there is nothing that --again could run once more" })
  }
  if (Option.isSome(options.picture) && !/\.svg$/i.test(options.picture.value)) {
    return yield* new Unusable({ reason: `--picture draws SVG: ${options.picture.value} has to end in .svg` })
  }
  const screen = makeScreen(options)
  const world = yield* readWorld(options, screen)
  const rows = yield* openOrders(options.files, options.paymentMethod)
  // A check has nothing to let end: Ctrl-C ends it as it ends any program.
  if (options.check) return yield* checkRows(rows, options, screen)
  const leaving = yield* listen
  const running = Effect.andThen(sayWhatIsKept(world.stock, screen), runRows(rows, leaving, options, screen)).pipe(
    Effect.provide(ordersOn(options.journal, world))
  )
  yield* Option.match(options.picture, { onNone: () => running, onSome: (path) => drawn(running, path, screen) })
})

/** Runs, and draws what happened however it ends. That the picture can be written is tried before. */
const drawn = <A, E, R>(running: Effect.Effect<A, E, R>, path: string, screen: Screen) =>
  Effect.gen(function* () {
    const files = yield* FileSystem.FileSystem
    const unwritten = (error: PlatformError.PlatformError) => `${path} cannot be written: ${why(error)}`
    yield* Effect.mapError(files.writeFileString(path, ""), (error) => new Unusable({ reason: unwritten(error) }))
    const exit = yield* Effect.exit(running)
    const trace = yield* FailureRecorder.use((recorder) => recorder.trace)
    const written = yield* Effect.result(
      files.writeFileString(path, failureTraceSvg(trace, { title: "firebreak run" }))
    )
    yield* screen.say(Result.isSuccess(written) ? `${path} shows what happened` : unwritten(written.failure))
    return yield* exit
  }).pipe(Effect.provide(FailureRecorder.layer()))

/** The shelves are counted once: a stock file that says otherwise later is not followed, and that is said. */
const sayWhatIsKept = Effect.fnUntraced(function* (stock: Stock = new Map(), screen: Screen) {
  const shelves = yield* Ledger.use((ledger) => ledger.shelves)
  const other = shelves.filter(({ initial, sku }) => (stock.get(sku) ?? initial) !== initial)
  if (other.length === 0) return
  const names = other.slice(0, 3).map(({ sku }) => printable(sku, 40))
  const more = other.length > 3 ? ` and ${other.length - 3} more` : ""
  yield* screen.say(
    `the shelves were counted by an earlier run: --stock changes nothing about ${names.join(", ")}${more}`
  )
})

const readWorld = Effect.fnUntraced(function* (options: Options, screen: Screen) {
  const world: { -readonly [K in keyof SimulatedOptions]: SimulatedOptions[K] } = {}
  if (Option.isSome(options.stock)) world.stock = yield* readStock(options.stock.value)
  if (Option.isSome(options.faults)) {
    const faults = parseFaults(options.faults.value)
    if (Result.isFailure(faults)) return yield* new Unusable({ reason: `--faults: ${faults.failure.message}` })
    const seed = Option.getOrUndefined(options.seed) ?? (yield* Random.nextIntBetween(1, 1_000_000))
    yield* screen.say(`things go wrong on purpose: ${options.faults.value} (repeat with --seed ${seed})`)
    world.faults = faults.success
    world.seed = seed
  }
  return world
})

const readStock = (path: string) =>
  FileSystem.FileSystem.use((files) => files.readFileString(path)).pipe(
    Effect.mapError((error) => new Unusable({ reason: `${path} cannot be read: ${why(error)}` })),
    Effect.flatMap((text) =>
      Effect.mapError(parseStock(text), (error) => new Unusable({ reason: `${path}: ${error.message}` }))
    )
  )
