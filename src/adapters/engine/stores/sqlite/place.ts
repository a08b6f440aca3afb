/**
 * Where a journal lies: its real name, whatever it is called by.
 *
 * The special rule: a journal has one name. Its lock, its log and its inbox lie beside that name; under a second name
 * there would be a second lock and a second log. Links are followed, also those to what is not there yet. Hard links are
 * refused, because no one of their names is the real one.
 *
 * Not here: which file it is (`fileIdentity.ts`), and what is in it (`layout.ts`).
 */
import { lstatSync, mkdirSync, readlinkSync, realpathSync, statSync } from "node:fs"
import type { Stats } from "node:fs"
import { basename, dirname, isAbsolute, join } from "node:path"
import { Effect } from "effect"
import { JournalUnusable } from "../../Store.ts"
import { noJournal } from "./meanings.ts"

/** Where a journal is, or would come to be. Makes the folder that `file` names. */
export const placeToOwn = (file: string): Effect.Effect<string, JournalUnusable> =>
  Effect.try({
    try: () => {
      mkdirSync(dirname(file), { recursive: true })
      return followed(file)
    },
    catch: (error) => outOfReach(file, error)
  }).pipe(Effect.tap((path) => isThere(file, path)))

/** Where a journal is that has to be there already. Makes nothing. */
export const placeToVisit = (file: string): Effect.Effect<string, JournalUnusable> =>
  Effect.try({
    try: () => followed(file),
    catch: (error) => (isMissing(error) ? missing(file) : outOfReach(file, error))
  }).pipe(
    Effect.tap((path) =>
      Effect.filterOrFail(
        isThere(file, path),
        (found) => found,
        () => missing(file)
      )
    )
  )

/** As many links as Linux follows. */
const mostLinks = 40

const followed = (file: string): string => {
  let path = file
  for (let links = 0; links < mostLinks; links++) {
    // The folder as the system sees it: `..` after a link is not what it looks like.
    const folder = realpathSync.native(dirname(path))
    path = join(folder, basename(path))
    if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return path
    const target = readlinkSync(path)
    path = isAbsolute(target) ? target : `${folder}/${target}`
  }
  throw new Error("its links go round in a circle")
}

/** Whether there is a file, which then has to be one that can be a journal. */
const isThere = (file: string, path: string): Effect.Effect<boolean, JournalUnusable> =>
  Effect.flatMap(
    Effect.try({
      try: () => statSync(path, { throwIfNoEntry: false }),
      catch: (error) => outOfReach(file, error)
    }),
    (found: Stats | undefined) => {
      if (found === undefined) return Effect.succeed(false)
      if (!found.isFile()) return Effect.fail(noJournal(file, "it is no file"))
      return found.nlink > 1 ? Effect.fail(severalNames(path, found.nlink)) : Effect.succeed(true)
    }
  )

const isMissing = (error: unknown) => error instanceof Error && "code" in error && error.code === "ENOENT"

const missing = (journal: string): JournalUnusable =>
  new JournalUnusable({
    journal,
    because: "Missing",
    reason: "there is no such file",
    remedy: "Name the file that the journal is kept in"
  })

const outOfReach = (journal: string, error: unknown): JournalUnusable =>
  new JournalUnusable({
    journal,
    because: "Unreachable",
    reason: `its folder cannot be used (${error instanceof Error ? error.message : String(error)})`,
    remedy: "Name a file in a folder that this user may read and write"
  })

const severalNames = (journal: string, names: number): JournalUnusable =>
  new JournalUnusable({
    journal,
    because: "Unreachable",
    reason: `it has ${names} names in the file system (hard links), and each would have a lock and a log of its own`,
    remedy: `Keep the name that has "-wal" and ".owner" beside it and remove the others (\`find / -xdev -samefile "${journal}"\` shows them all); for another name use a symbolic link, for a backup \`VACUUM INTO\``
  })
