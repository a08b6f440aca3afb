/**
 * One life of the process that is killed, from its start to its end.
 *
 * The special rule: what it has said before its end is heard to the last line before anything else is begun.
 */
import { type ChildProcess, spawn } from "node:child_process"
import net from "node:net"
import path from "node:path"
import { fileURLToPath } from "node:url"
import { type FromChild, hear, say, type ToChild } from "./wire.ts"

const program = fileURLToPath(new URL("child.ts", import.meta.url))
/** Most of a short life is loading code: it is compiled once. */
const compiled = fileURLToPath(new URL("../../node_modules/.cache/compiled", import.meta.url))

export interface LifeOptions {
  readonly number: number
  /** Where its socket lies. */
  readonly folder: string
  /** What it is told first. */
  readonly first: ToChild
  readonly heard: (message: FromChild, life: Life) => void
}

export interface End {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

export class Life {
  readonly number: number
  readonly begun = performance.now()
  /** When the journal was open. */
  openedAt: number | undefined = undefined
  /** When the first execution of an earlier life got on. */
  firstProgressAt: number | undefined = undefined
  /** It has been killed, or asked to leave. */
  isEnding = false
  isOver = false
  /** It has ended, and everything it said has been heard. */
  readonly ended: Promise<End>
  /** The journal is open; or it has ended before that. */
  readonly opened: Promise<unknown>
  private readonly process: ChildProcess
  private socket: net.Socket | undefined = undefined
  private output = ""

  static async begin(options: LifeOptions): Promise<Life> {
    const door = net.createServer()
    const place = path.join(options.folder, `${options.number}.sock`)
    await new Promise<void>((resolve, reject) => door.once("error", reject).listen(place, resolve))
    return new Life(options, door, place)
  }

  private constructor({ first, heard, number }: LifeOptions, door: net.Server, place: string) {
    this.number = number
    // A process group of its own: all of it is killed.
    this.process = spawn(process.execPath, ["--conditions=firebreak-source", program, place], {
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, NODE_COMPILE_CACHE: process.env["NODE_COMPILE_CACHE"] ?? compiled }
    })
    for (const stream of [this.process.stdout!, this.process.stderr!])
      stream.setEncoding("utf8").on("data", (text: string) => (this.output = (this.output + text).slice(-4000)))
    const isOpen = Promise.withResolvers<void>()
    let hushed = Promise.resolve()
    door.once("connection", (socket) => {
      this.socket = socket.on("error", () => {})
      const listen = (message: FromChild) => {
        if (message.say !== "opened") return heard(message, this)
        this.openedAt = performance.now()
        isOpen.resolve()
      }
      hushed = new Promise((resolve) => hear<FromChild>(socket, listen, resolve))
      say(socket, first)
    })
    const gone = new Promise<End>((resolve, reject) =>
      this.process.once("error", reject).once("close", (code, signal) => {
        door.close()
        this.isOver = true
        resolve({ code, signal })
      })
    )
    this.ended = gone.then((end) => hushed.then(() => end))
    this.opened = Promise.race([isOpen.promise, this.ended])
  }

  say(message: ToChild): void {
    if (this.socket !== undefined) say(this.socket, message)
  }

  /** What it wrote to its terminal last. */
  get lastWords(): string {
    return this.output.trim()
  }

  /** `kill -9`, for the whole process group. */
  kill(): Promise<End> {
    this.isEnding = true
    try {
      process.kill(-this.process.pid!, "SIGKILL")
    } catch {
      // It has ended by itself: `ended` says how.
    }
    return this.ended
  }

  /** Asks it to end in good order; who takes longer than a minute is killed. */
  async leave(): Promise<End> {
    this.isEnding = true
    this.say({ say: "leave" })
    const tooLong = setTimeout(() => void this.kill(), 60_000)
    const end = await this.ended
    clearTimeout(tooLong)
    return end
  }
}
