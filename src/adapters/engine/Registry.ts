/**
 * The workflows that have a layer here, and what waits for one.
 *
 * The special rule: layers come one after the other at every start, and may be closed and built again. So whoever needs
 * one that is not there waits for it, and one that is being closed counts as not there: nothing new of it begins.
 */
import type { Registered } from "./Registered.ts"

export class Registry {
  private readonly byWorkflow = new Map<string, Registered>()
  private readonly waiting = new Map<string, Array<() => void>>()
  private isClosed = false

  /** The layer of a workflow, unless it is being closed. */
  open(workflow: string): Registered | undefined {
    const registered = this.byWorkflow.get(workflow)
    return registered?.isClosed === true ? undefined : registered
  }

  /** The layer of a workflow, also while it is being closed. */
  get(workflow: string): Registered | undefined {
    return this.byWorkflow.get(workflow)
  }

  get all(): ReadonlyArray<Registered> {
    return [...this.byWorkflow.values()]
  }

  add(registered: Registered): void {
    const { _tag } = registered.workflow
    this.byWorkflow.set(_tag, registered)
    const waiting = this.waiting.get(_tag) ?? []
    this.waiting.delete(_tag)
    for (const then of waiting) queueMicrotask(then)
  }

  /** Its layer has been closed; if there is another one already, that one stays. */
  remove(registered: Registered): void {
    const { _tag } = registered.workflow
    if (this.byWorkflow.get(_tag) === registered) this.byWorkflow.delete(_tag)
  }

  /** This process is leaving: nobody waits any more. */
  close(): void {
    this.isClosed = true
    this.waiting.clear()
  }

  /** Runs `then` as soon as the workflow has a layer: now, if it has; never, if this process is leaving. */
  whenOpen(workflow: string, then: () => void): void {
    if (this.isClosed) return
    if (this.open(workflow) !== undefined) return then()
    const others = this.waiting.get(workflow)
    if (others === undefined) this.waiting.set(workflow, [then])
    else others.push(then)
  }
}
