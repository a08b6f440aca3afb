/**
 * The inbox of an owner: what others ask for is carried out as soon as it is found, and answered.
 *
 * The special rule: a request waits for what it is about. A signal may come before its execution, and any request before
 * the workflow of its execution has been registered; until then it stays in the inbox, where another process finds it.
 *
 * Not here: what is done about a request (`requests.ts`).
 */
import type { Engine } from "./Engine.ts"
import { type Answer, carryOut } from "./requests.ts"
import type { Request } from "./Store.ts"

const page = 100

export class InboxReader {
  private readonly engine: Engine
  private readonly inHand = new Set<number>()
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
      if (!this.readAgain) return
      this.readAgain = false
      this.read()
    })
  }

  private carryOut(request: Request): void {
    const { engine } = this
    this.inHand.add(request.seq)
    const answer = (answer: Answer) => {
      if ("missing" in answer && request.kind === "signal") return this.wait(request)
      if ("unregistered" in answer) return engine.registry.whenOpen(answer.unregistered, () => this.carryOut(request))
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

  /** There is an execution of that id now. */
  created(id: string): void {
    const early = this.early.get(id)
    if (early === undefined) return
    this.early.delete(id)
    queueMicrotask(() => early.forEach((request) => this.carryOut(request)))
  }
}
