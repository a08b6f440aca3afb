/**
 * How far a step is and what becomes of it, in the words of the command.
 */
import type { StepView } from "../app.ts"
import { printable } from "./printable.ts"

/** A step as people name it: `charge`, and `charge/2` where it is called several times. */
export const stepName = ({ key, step }: Pick<StepView, "key" | "step">): string =>
  printable(key === null ? step : `${step}/${key}`, 60)

export const stateWords: { readonly [S in StepView["state"]]: string } = {
  running: "running",
  retrying: "tried again soon",
  settling: "being settled",
  asking: "needs a person",
  done: "done",
  refused: "refused",
  gaveUp: "given up",
  left: "never known",
  cancelled: "cancelled"
}

export const undoWords: { readonly [S in StepView["undo"]]: string } = {
  nothing: "–",
  irreversible: "cannot be",
  possible: "possible",
  pending: "to come",
  undoing: "under way",
  undone: "undone",
  stuck: "stuck"
}
