/**
 * What the compiler says of a step that is not complete, in one sentence.
 *
 * The special rule: the verdict sits on the name, so that what is quoted is `"charge"` against a sentence, not the whole
 * of the options. It is made of the keys of the options, which are known in the first pass of inference, when arrow
 * functions are not; and it compares with `extends`, not `Exclude`, so that it holds for a generic error schema too.
 *
 * Not here: the words that sentences are made of (`supervision/messages.ts`).
 */
import type { Join, Tags } from "../supervision/index.ts"
import type { StepOptions } from "./Step.ts"

type Options = keyof StepOptions<0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0>

/** `string` for a step with options `K` whose `do` fails with nothing but what it may; else what is missing. */
export type StepName<K extends string, Failure, May, Odd extends string = Exclude<K, Options>> = [Odd] extends [never]
  ? ["undo"] extends [K]
    ? ["unknown"] extends [K]
      ? [Failure] extends [May]
        ? string
        : [unknown] extends [Failure]
          ? "⛔ do can fail with an unknown error: give it a type with a _tag, and list it in the error schema"
          : `⛔ do can fail with ${Tags<Exclude<Failure, May>>}, which the error schema does not list`
      : '⛔ this step does not say how to learn whether it happened: add unknown: (input, key) => …, or "repeat", "ask", "leave"'
    : '⛔ this step does not say how it is taken back: add undo: (success, key, input) => …, or "irreversible", or "nothing"'
  : `⛔ a step has no option named ${Join<Odd>}`
