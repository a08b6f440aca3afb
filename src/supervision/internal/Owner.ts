/**
 * What owns jobs: a scope, or a job that launched jobs of its own.
 *
 *   scope ─┬─ job ─── job          one tree for each scope: everything in it belongs to `scope`
 *          ├─ job
 *          └─ job ┄┄┄ inner scope  a tree of its own; `outer` leads back
 *
 * Live children are an intrusive list, in order of launching: attaching and detaching allocate nothing.
 */
import { Context } from "effect"
import type { JobCore } from "./JobCore.ts"
import type { ScopeCore } from "./ScopeCore.ts"

export abstract class Owner {
  abstract readonly scope: ScopeCore
  /** Its own part of the path. */
  abstract readonly segment: string
  /** The owner around it; `undefined` for an outermost scope. */
  abstract readonly around: Owner | undefined
  /** How many jobs were launched directly under it, ever. */
  declare launched: number
  /** How many scopes were opened directly in it; counted only where a boundary's hook wants to know places. */
  declare opened: number | undefined
  declare firstChild: JobCore | undefined
  declare lastChild: JobCore | undefined

  constructor() {
    this.launched = 0
    this.firstChild = undefined
    this.lastChild = undefined
  }

  // How far it is, in this order. What is true stays true.
  /** It fails, is being cancelled, or has settled: nothing new starts in it. */
  abstract readonly isClosing: boolean
  /** Everything in it has ended; what closes it (reports, the hook) may still run. */
  abstract readonly isSettled: boolean
  /** All is over, and those who wait have been told, or are about to be. */
  abstract readonly hasEnded: boolean

  abstract childEnded(child: JobCore): void

  attach(child: JobCore): void {
    const last = this.lastChild
    if (last === undefined) this.firstChild = child
    else {
      last.next = child
      child.previous = last
    }
    this.lastChild = child
  }

  detach(child: JobCore): void {
    const { next, previous } = child
    if (previous === undefined) this.firstChild = next
    else previous.next = next
    if (next === undefined) this.lastChild = previous
    else next.previous = previous
    child.next = child.previous = undefined
  }

  /** A snapshot: endings detach while one walks. */
  liveChildren(): Array<JobCore> {
    const children: Array<JobCore> = []
    for (let child = this.firstChild; child !== undefined; child = child.next) {
      if (!child.hasEnded) children.push(child)
    }
    return children
  }

  /** For people. A loop, because scopes may be nested deeper than a stack. */
  get path(): string {
    let path = this.segment
    for (let owner = this.around; owner !== undefined; owner = owner.around) path = `${owner.segment} / ${path}`
    return path
  }

  /** Its part of the place: ordinals, for programs. */
  abstract readonly ordinal: string

  /** Where it stands, in ordinals; jobs of one scope are numbered each under its owner. */
  get place(): string {
    let place = this.ordinal
    for (let owner = this.around; owner !== undefined; owner = owner.around) place = `${owner.ordinal}.${place}`
    return place
  }

  /** Whether something around it is ending unsuccessfully. */
  get isEnclosed(): boolean {
    for (let owner = this.around; owner !== undefined; owner = owner.around) if (owner.isClosing) return true
    return false
  }

  /** Asks every live child to end, in order of launching, because of `by`. */
  cancelJobs(by: Owner | undefined): void {
    if (this.firstChild === undefined) return
    for (const child of this.liveChildren()) child.requestCancel(by)
  }
}

/** The scope or job in which a fiber runs; `undefined` outside of all scopes. Inherited by what the fiber forks. */
export const CurrentOwner = Context.Reference<Owner | undefined>("firebreak/supervision/CurrentOwner", {
  defaultValue: () => undefined
})

/** Whether `owner` lies in `scope` or in a scope inside of it. */
export const isInside = (owner: Owner | undefined, scope: ScopeCore): boolean => {
  for (let here = owner; here !== undefined; here = here.scope.outer) if (here.scope === scope) return true
  return false
}
