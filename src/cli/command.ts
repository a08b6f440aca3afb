/**
 * The command `firebreak` and its verbs. Importing this file runs it; `main.ts` does.
 *
 * The special rule: this is where the process ends, and with which code: 0 all went well, 1 some orders did not, a
 * request was refused or the answer could not be written, 2 the command line, a file or the journal is unusable and
 * nothing was done, 130 interrupted, or nobody reads standard output any more (`unheard.ts`).
 *
 * Not here: what the verbs do (one file per verb).
 */
import { readFileSync } from "node:fs"
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Cause, Effect, Exit, Layer, Logger } from "effect"
import * as CliConfig from "effect/cli/CliConfig"
import * as CliOutput from "effect/cli/CliOutput"
import * as Command from "effect/cli/Command"
import * as GlobalFlag from "effect/cli/GlobalFlag"
import { withJobPath } from "../app.ts"
import { cancel } from "./cancel.ts"
import { list } from "./list.ts"
import { retry } from "./retry.ts"
import { run } from "./run.ts"
import { settle } from "./settle.ts"
import { show } from "./show.ts"
import { listenToStreams } from "./unheard.ts"
import { sentence } from "./usage.ts"
import { why } from "./why.ts"

const { version }: { version: string } = JSON.parse(
  readFileSync(new URL("../../package.json", import.meta.url), "utf8")
)

const firebreak = Command.make("firebreak").pipe(
  Command.withDescription(
    "Runs orders whose failures stay where they belong, and that survive the end of the process."
  ),
  Command.withSubcommands([run, list, show, why, cancel, retry, settle])
)

const complain = (text: string) => Effect.sync(() => void process.stderr.write(`firebreak: ${text}\n`))

// Help is for standard output when it was asked for, and for standard error when something was missing.
const presenter: CliOutput.Presenter = {
  present: (event) => {
    const isColoured = process.stdout.isTTY && !process.env["NO_COLOR"]
    const formatter = CliOutput.defaultFormatter({ colors: isColoured })
    switch (event._tag) {
      case "Version":
        return Effect.sync(() => void process.stdout.write(`${event.version}\n`))
      case "Help":
        return Effect.sync(() => {
          const stream = event.reason === "Requested" ? process.stdout : process.stderr
          stream.write(`${formatter.formatHelpDoc(event.helpDoc)}\n`)
        })
      case "InvalidInvocation": {
        const command = event.commandPath.join(" ")
        const sentences = event.errors.map((error) => sentence(error, command))
        return complain([...sentences, `${command} --help says more`].join("\n"))
      }
    }
  }
}

const program = Command.runWith(firebreak, { version })(process.argv.slice(2)).pipe(
  Effect.as(0),
  Effect.catchTags({
    ExitWith: ({ code }) => Effect.succeed(code),
    ShowHelp: () => Effect.succeed(2),
    Unusable: (error) => Effect.as(complain(error.message), 2),
    OrderFileUnusable: (error) => Effect.as(complain(error.message), 2),
    JournalUnusable: (error) => Effect.as(complain(error.message), 2),
    OutsideUnusable: (error) => Effect.as(complain(error.message), 2),
    StoreUnavailable: (error) => Effect.as(complain(error.message), 2),
    StoreBroken: (error) => Effect.as(complain(error.message), 2),
    OwnershipLost: (error) => Effect.as(complain(error.message), 2),
    ExecutionNotFound: (error) => Effect.as(complain(error.message), 2),
    NameAmbiguous: (error) => Effect.as(complain(error.message), 2),
    RequestRefused: (error) => Effect.as(complain(error.message), 1)
  }),
  Effect.catchCause((cause) => Effect.as(complain(Cause.pretty(cause)), 1)),
  Effect.provide(
    Layer.mergeAll(
      NodeServices.layer,
      CliOutput.layerPresenter(presenter),
      CliConfig.layer({ builtIns: [GlobalFlag.Help, GlobalFlag.Version, GlobalFlag.Completions] }),
      Logger.layer([Logger.withConsoleError(withJobPath(Logger.formatSimple))])
    )
  )
)

listenToStreams()
Effect.runFork(program).addObserver((exit) => {
  // A turn later it is known whether the last words were taken. Then it ends: standard input may still be open, and it
  // must not keep a run that is over from ending.
  setImmediate(() => process.exit(Exit.isSuccess(exit) ? exit.value : 1))
})
