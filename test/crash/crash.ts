/**
 * A crash run on one journal: orders under load in a process that is killed again and again, and started again at once.
 *
 *   begin ─▶ open ─▶ under load ─▶ kill -9 ─▶ begin … ─▶ the last life: everything comes to its end ─▶ checked
 *
 * The special rule: everything that is to last lies here, outside of the process that is killed: orders, words, cancels,
 * what the world did, what was told. Now and then a process is asked to leave instead, which must be as harmless.
 *
 * Not here: what must hold in the end (`check.ts`), and the words that say so (`report.ts`).
 */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import path from "node:path"
import { setTimeout as pause } from "node:timers/promises"
import { check } from "./check.ts"
import { Crowd } from "./Crowd.ts"
import { Life } from "./Life.ts"
import { type Others, visit } from "./others.ts"
import { Outside } from "./Outside.ts"
import { chanceOf } from "./plan.ts"
import { type CrashReport, tally } from "./tally.ts"
import type { FromChild, Place } from "./wire.ts"

export interface CrashOptions {
  /** At least: there are more where fewer orders than are in flight were acknowledged by then. */
  readonly kills: number
  readonly seed: number
  /** Orders that somebody waits for at any time; there are as many again that nobody waits for. */
  readonly inFlight: number
  /** How long a life lasts from the opening of the journal, in milliseconds: at least, at most. */
  readonly lasting: readonly [number, number]
  readonly killed?: (kills: number) => void
}

/** Runs it on a SQLite file of its own, or on the empty database at `url`. */
export const crash = async (
  store: "sqlite" | { readonly url: string },
  options: CrashOptions
): Promise<CrashReport> => {
  const folder = mkdtempSync(path.join(tmpdir(), "firebreak-crash-"))
  const tidy = () => rmSync(folder, { recursive: true, force: true })
  process.once("exit", tidy)
  const place = store === "sqlite" ? { file: path.join(folder, "journal.db") } : store
  const run = new CrashRun(place, folder, options)
  try {
    return await run.run()
  } finally {
    await run.end()
    process.off("exit", tidy)
    tidy()
  }
}

/** How long nothing may happen before what has not ended is given up, in milliseconds. */
const patience = 120_000

class CrashRun {
  private readonly place: Place
  private readonly folder: string
  private readonly options: CrashOptions
  private readonly outside: Outside
  private readonly crowd: Crowd
  private readonly troubles: Array<string> = []
  private readonly lives: Array<Life> = []
  private others: Others | undefined = undefined
  private isFeeding = true
  private readonly began = performance.now()
  private readonly killLast = () => void this.lives.at(-1)?.kill()

  constructor(place: Place, folder: string, options: CrashOptions) {
    const { inFlight, seed } = options
    this.place = place
    this.folder = folder
    this.options = options
    this.outside = new Outside(seed, (order) => this.crowd.customers.get(order)!.plan)
    this.crowd = new Crowd({ seed, inFlight, outside: () => this.outside, others: () => this.others! })
    process.once("exit", this.killLast)
  }

  async run(): Promise<CrashReport> {
    let kills = 0
    let left = 0
    // Where the machine is slow or busy, lives may be over before much has happened in them: then there are more and longer ones.
    const isEnough = () => this.crowd.acknowledgedSoFar > this.options.inFlight || this.troubles.length > 0
    while (kills < this.options.kills || !isEnough()) {
      const chance = (what: string) => chanceOf(this.options.seed, "life", this.lives.length, what)
      const isEarly = this.lives.length > 0 && chance("early") < 0.1
      const leaves = !isEarly && chance("leaves") < 0.1
      const [least, most] = this.options.lasting
      const longer = 2 ** Math.max(0, kills - this.options.kills + 1)
      const lasting = longer * (least + Math.floor(chance("lasting") * (most - least + 1)))
      const life = await this.begin()
      // Killed while it starts, or some time after it has opened its journal.
      if (!isEarly) await this.load(life)
      await Promise.race([pause(lasting), life.ended])
      if (leaves) left++
      else {
        kills++
        this.options.killed?.(kills)
      }
      await this.endOf(life, leaves)
    }
    this.isFeeding = false
    return this.finish(kills, left)
  }

  // ── Lives ──────────────────────────────────────────────────────────────────────────────────────────────────────────

  private async begin(): Promise<Life> {
    const life = await Life.begin({
      number: this.lives.length + 1,
      folder: this.folder,
      first: { say: "open", place: this.place },
      heard: (message, life) => this.heard(message, life)
    })
    this.lives.push(life)
    return life
  }

  private async load(life: Life): Promise<void> {
    await life.opened
    if (life.openedAt === undefined) return
    this.others ??= await visit(this.place)
    await this.findLost()
    this.crowd.enter(life.number, (message) => life.say(message))
    if (this.isFeeding) this.crowd.feed()
  }

  /** What the process before has acknowledged must be there before anybody asks for it again. */
  private async findLost(): Promise<void> {
    const acknowledged = this.crowd.latelyAcknowledged()
    const known = await this.others!.known(acknowledged.map(({ id }) => id))
    for (const { id, plan } of acknowledged)
      if (!known.has(id)) this.troubles.push(`${plan.id} was acknowledged, and the journal does not know it`)
  }

  private async endOf(life: Life, leaves: boolean): Promise<void> {
    const ended = life.isEnding ? undefined : leaves ? life.leave() : life.kill()
    const { code, signal } = await (ended ?? life.ended)
    if (leaves ? code === 0 : signal === "SIGKILL") return
    this.troubles.push(`life ${life.number} ended by itself (${signal ?? `exit code ${code}`}): ${life.lastWords}`)
  }

  private heard(message: FromChild, life: Life): void {
    switch (message.say) {
      case "opened":
        return
      case "fails":
        if (!life.isEnding) this.troubles.push(`life ${life.number}: ${message.message}`)
        return
      case "acknowledges":
        return this.crowd.acknowledged(message.order)
      case "tells": {
        this.progress(message.order, life)
        this.crowd.told(message.order, message.told)
        if (this.isFeeding && !life.isEnding) this.crowd.feed()
        return
      }
      case "asks": {
        const { number, question } = message
        this.progress(question.order, life)
        void this.outside.answer(question).then((answer) => {
          if (answer !== undefined) life.say({ say: "answer", number, answer })
        })
      }
    }
  }

  private progress(order: string, life: Life): void {
    if (life.firstProgressAt !== undefined || this.crowd.customers.get(order)!.life >= life.number) return
    life.firstProgressAt = performance.now()
  }

  // ── The end ────────────────────────────────────────────────────────────────────────────────────────────────────────

  private async finish(kills: number, left: number): Promise<CrashReport> {
    const life = await this.begin()
    await this.load(life)
    if (this.others === undefined) throw new Error(`the journal was never opened: ${this.troubles.join("; ")}`)
    this.crowd.runErrandsOfOthers()
    await this.rest(life)
    const { others } = this
    await this.tellAgain(life)
    await this.endOf(life, true)
    const { customers } = this.crowd
    const executions = await others.everything()
    const violations = check({
      namespace: others.namespace,
      executions,
      customers,
      outside: this.outside,
      unanswered: await others.unanswered(),
      troubles: [...this.troubles, ...this.crowd.troubles, ...this.crowd.givenUp.values()]
    })
    const seconds = (performance.now() - this.began) / 1000
    return tally({ kills, left, seconds, violations, executions }, this.lives, this.crowd, this.outside)
  }

  /** Waits until everything has ended, or nothing happens any more. */
  private async rest(life: Life): Promise<void> {
    let last = ""
    let since = performance.now()
    const ends = new Set<string>(["completed", "refused", "failed", "cancelled"])
    for (;;) {
      const counts = await this.others!.counts()
      const unended = [...counts].filter(([status, count]) => !ends.has(status) && count > 0)
      if (unended.length === 0 && !this.crowd.isWaiting) return
      if ((counts.get("blocked") ?? 0) > 0) await this.crowd.retrySetAside()
      const now = JSON.stringify([...counts, this.outside.books.size, this.outside.happened])
      if (now !== last) since = performance.now()
      if (performance.now() - since > patience || life.isOver) return
      last = now
      await pause(50)
    }
  }

  /** Asks for some that have ended once more: they are told the same. */
  private async tellAgain(life: Life): Promise<void> {
    const again = [...this.crowd.customers.values()].filter(({ told }) => told.length > 0).slice(-200)
    const before = again.reduce((sum, { told }) => sum + told.length, 0)
    for (const { plan } of again) life.say({ say: "start", plan, waits: true })
    const isTold = () => again.reduce((sum, { told }) => sum + told.length, 0) >= before + again.length
    const since = performance.now()
    while (!isTold() && !life.isOver && performance.now() - since < patience) await pause(50)
    if (!isTold()) this.troubles.push("orders that had ended were asked for again, and not all were told")
  }

  async end(): Promise<void> {
    process.off("exit", this.killLast)
    const last = this.lives.at(-1)
    if (last !== undefined) await last.kill()
    await this.others?.close()
  }
}
