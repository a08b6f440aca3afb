/**
 * The inbox of an owner: what others ask for is carried out as soon as it is found, and answered.
 *
 * The special rule: a request waits for what it is about. A signal may come before its execution, and any request before
 * the workflow of its execution has been registered; until then it stays in the inbox, where another process finds it.
 *
 * Not here: what is done about a request (`requests.ts`).
 */
import { Effect } from "effect"
import type { Engine } from "./Engine.ts"
import { type Answer, carryOut } from "./requests.ts"
import type { Request } from "./Store.ts"

const page = 100

export class InboxReader {
  private readonly engine: Engine
  private readonly inHand = new Set<number>()
  /** Requests that have not been carried out, by their number: the execution that each is about. */
  private readonly underWay = new Map<number, string>()
  /** Those who wait until what was asked of an execution before has been carried out. */
  private waiting: Array<{ readonly execution: string; readonly goOn: () => void }> = []
  private hasRead = false
  /** Signals by the execution that they wait for. */
  private readonly early = new Map<string, Array<Request>>()
  private isReading = false
  private readAgain = false

  constructor(engine: Engine) {
    this.engine = engine
  }

  read(): void {
    if (this.isReading) {
      this.readAgain = true
      return
    }
    this.isReading = true
    this.readAfter(0)
  }

  private readAfter(after: number): void {
    const { engine } = this
    if (engine.isClosed) return
    engine.asking.ask(engine.store.inbox.pending(after, page), (requests) => {
      for (const request of requests) if (!this.inHand.has(request.seq)) this.carryOut(request)
      const last = requests.at(-1)
      if (requests.length === page && last !== undefined) return this.readAfter(last.seq)
      this.isReading = false
      this.hasRead = true
      this.tellWaiting()
      if (!this.readAgain) return
      this.readAgain = false
      this.read()
    })
  }

  private carryOut(request: Request): void {
    const { engine } = this
    this.inHand.add(request.seq)
    this.underWay.set(request.seq, request.execution)
    const answer = (answer: Answer) => {
      if ("unregistered" in answer) return engine.registry.whenOpen(answer.unregistered, () => this.carryOut(request))
      this.underWay.delete(request.seq)
      this.tellWaiting()
      if ("missing" in answer && request.kind === "signal") return this.wait(request)
      if ("refused" in answer) {
        const what = `${request.kind} of execution ${request.execution} was asked for, and refused: ${answer.refused}`
        engine.asking.log(Effect.logWarning(what))
      }
      engine.asking.ask(
        engine.store.inbox.answer(request.seq, JSON.stringify(answer)),
        () => void this.inHand.delete(request.seq)
      )
    }
    try {
      carryOut(engine, request, answer)
    } catch (problem) {
      answer({ refused: `the request cannot be read: ${String(problem)}` })
    }
  }

  private wait(request: Request): void {
    const others = this.early.get(request.execution)
    if (others === undefined) this.early.set(request.execution, [request])
    else others.push(request)
  }

  /** Runs `goOn` when what was asked of the execution before has been carried out, as far as it can be just now. */
  whenCarriedOut(execution: string, goOn: () => void): void {
    this.waiting.push({ execution, goOn })
    this.tellWaiting()
  }

  private tellWaiting(): void {
    if (!this.hasRead || this.waiting.length === 0) return
    const underWay = new Set(this.underWay.values())
    const ready = this.waiting.filter(({ execution }) => !underWay.has(execution))
    this.waiting = this.waiting.filter(({ execution }) => underWay.has(execution))
    for (const { goOn } of ready) queueMicrotask(goOn)
  }

  /** There is an execution of that id now. */
  created(id: string): void {
    const early = this.early.get(id)
    if (early === undefined) return
    this.early.delete(id)
    queueMicrotask(() => early.forEach((request) => this.carryOut(request)))
  }
}
