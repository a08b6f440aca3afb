/**
 * How the verbs are asked and end: options that several have, and why a command could not be run, in one sentence each.
 */
import { Data, Schema } from "effect"
import type { NonShowHelpErrors } from "effect/cli/CliError"
import * as Flag from "effect/cli/Flag"

/** An option that is there or not. */
export const yes = (name: string, description: string) =>
  Flag.Boolean(name).pipe(Flag.withoutNegation, Flag.withDescription(description), Flag.withDefault(false))

/** The command line asks for something that cannot be done. Nothing was run. */
export class Unusable extends Schema.TaggedError<Unusable>()("Unusable", { reason: Schema.String }) {
  override get message() {
    return this.reason
  }
}

/** The command has said all that there is to say, and ends with this code. */
export class ExitWith extends Data.TaggedError("ExitWith")<{ readonly code: 1 | 130 }> {}

const list = (suggestions: ReadonlyArray<string>) =>
  suggestions.length === 0 ? "" : `; did you mean ${suggestions.join(" or ")}?`

// "Expected a string representing a finite number": whoever types on a command line types strings.
const wanted = (expected: string) => expected.replace(/^Expected /, "").replace("a string representing ", "")

/** What is wrong with the command line. An address in it is not shown: there may be a password in it. */
export const sentence = (error: NonShowHelpErrors, command: string): string =>
  inWords(error, command).replace(/(:\/\/)[^\s"…]+/g, "$1…")

const inWords = (error: NonShowHelpErrors, command: string): string => {
  switch (error._tag) {
    case "UnrecognizedOption":
      return `${command} has no option ${error.option}${list(error.suggestions)}`
    case "UnknownSubcommand":
      return `there is no command "${error.subcommand}"${list(error.suggestions)}`
    case "MissingArgument":
      return `${command} needs a ${error.argument}`
    case "InvalidValue":
      return `${error.kind === "flag" ? "--" : ""}${error.option} takes ${wanted(error.expected)}, not "${error.value}"`
    default:
      return error.message
  }
}
