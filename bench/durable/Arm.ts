/**
 * One system under test, as the child process that measures it sees it.
 *
 * The special rule: all arms run the same order. One step charges; then two steps run side by side and on their own, as
 * in a supervisor. No step does anything but answer, so what is measured is the cost of writing down.
 *
 * Not here: which arms there are (`arms.ts`), and measuring them (`child.ts`).
 */

/** Where an arm keeps what it writes down: a SQLite file, a PostgreSQL database by its URL, or nowhere but in memory. */
export type Place = { readonly file: string } | { readonly url: string } | { readonly memory: true }

export interface Arm {
  /**
   * Runs orders, so many at a time, until `next` has no further id. `ended` hears of each order that was carried out, and
   * how many milliseconds that took from asking to being told.
   */
  readonly run: (
    inFlight: number,
    next: () => string | undefined,
    ended: (milliseconds: number) => void
  ) => Promise<void>
  readonly close: () => Promise<void>
}

export type StartArm = (place: Place) => Promise<Arm>
