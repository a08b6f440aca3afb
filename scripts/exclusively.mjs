/**
 * One set-up at a time in one clone, whoever is killed on the way.
 *
 * A file that only one process can create is the lock. Its owner keeps touching it, so that one
 * left behind is told from one in use even when another process has got the dead owner's number.
 */
import fs from "node:fs"
import { SetupError } from "./npm.mjs"

const BEAT = 1_000
const FORGOTTEN = 20_000

/**
 * Runs `body` while no other process runs one on the same `file`. The function that it gets names a process that works
 * for this one and may outlive it: the next in line waits for that one too.
 */
export async function exclusively(file, body, say = (line) => process.stderr.write(`${line}\n`)) {
  for (let waited = 0; !take(file); waited += 1) {
    if (waited === 0) say(`firebreak: waiting for another set-up of this clone (process ${holdersOf(file)[0]})`)
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  const beat = setInterval(() => fs.utimes(file, new Date(), new Date(), () => {}), BEAT)
  const release = () => holdersOf(file)[0] === process.pid && fs.rmSync(file, { force: true })
  process.once("exit", release)
  try {
    return await body((pid) => fs.appendFileSync(file, ` ${pid}`))
  } finally {
    clearInterval(beat)
    process.off("exit", release)
    release()
  }
}

function take(file) {
  try {
    fs.writeFileSync(file, String(process.pid), { flag: "wx" })
    return true
  } catch (error) {
    if (error.code !== "EEXIST") throw new SetupError(`Nothing can be written here: ${error.message}`)
    discardIfForgotten(file)
    return false
  }
}

/** Two that wait may both see a dead owner: only one of them can rename the file, and it looks again at what it has got. */
function discardIfForgotten(file) {
  const holders = holdersOf(file)
  if (holders.length === 0 || (holders.some(isAlive) && ageOf(file) < FORGOTTEN)) return
  const aside = `${file}.${process.pid}`
  try {
    fs.renameSync(file, aside)
    if (holdersOf(aside)[0] !== holders[0]) fs.renameSync(aside, file)
  } catch {
    // somebody else was faster
  } finally {
    fs.rmSync(aside, { force: true })
  }
}

/** The numbers in the file, the owner's first: 0 while it has created the file and not yet written; none when it is gone. */
function holdersOf(file) {
  try {
    return fs.readFileSync(file, "utf8").split(" ").map(Number)
  } catch {
    return []
  }
}

function ageOf(file) {
  try {
    return Date.now() - fs.statSync(file).mtimeMs
  } catch {
    return 0
  }
}

function isAlive(pid) {
  if (pid === 0) return true
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === "EPERM"
  }
}
