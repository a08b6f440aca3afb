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
  /** For people. */
  abstract readonly path: string
  /** How many jobs were launched directly under it, ever. */
  declare launched: number
  declare firstChild: JobCore | undefined
  declare lastChild: JobCore | undefined

  constructor() {
    this.launched = 0
    this.firstChild = undefined
    this.lastChild = undefined
  }

  abstract readonly hasEnded: boolean
  /** It fails or is being cancelled: nothing new starts in it. */
  abstract readonly isClosing: boolean

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
    for (let child = this.firstChild; child !== undefined; child = child.next) children.push(child)
    return children
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
