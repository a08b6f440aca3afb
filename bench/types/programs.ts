/**
 * Programs of many scopes, each written with ours and on bare Effect in two ways: three jobs each, each job with its own failure, result and service.
 *
 * The failures come from a pool, so that no two neighbours have the same three and the classes cost the same everywhere.
 */

export interface Writing {
  readonly name: string
  readonly imports: string
  /** One scope with three jobs, as the right side of a const. */
  readonly scope: (first: string, second: string, third: string) => string
}

export const failFast: Writing = {
  name: "coroutineScope, awaited",
  imports: `import { coroutineScope } from "firebreak/supervision"`,
  scope: (first, second, third) => `coroutineScope(function* (scope) {
  const a = yield* scope.async(${first})
  const b = yield* scope.async(${second})
  const c = yield* scope.async(${third})
  return [yield* a.await, yield* b.await, yield* c.await] as const
})`
}

export const supervised: Writing = {
  name: "supervisorScope, one handled",
  imports: `import { supervisorScope } from "firebreak/supervision"`,
  scope: (first, second, third) => `supervisorScope(function* (scope) {
  const a = yield* scope.async(${first})
  const b = yield* scope.async(${second})
  const c = yield* scope.launch(${third}, { onFailure: (error) => Effect.logWarning(error._tag) })
  return [yield* a.await, yield* b.await, yield* c.settled] as const
})`
}

export const forkAndJoin: Writing = {
  name: "forkChild and join",
  imports: `import { Fiber } from "effect"`,
  scope: (first, second, third) => `Effect.gen(function* () {
  const a = yield* Effect.forkChild(${first})
  const b = yield* Effect.forkChild(${second})
  const c = yield* Effect.forkChild(${third})
  return [yield* Fiber.join(a), yield* Fiber.join(b), yield* Fiber.join(c)] as const
})`
}

export const all: Writing = {
  name: "Effect.all, unbounded",
  imports: "",
  scope: (first, second, third) => `Effect.gen(function* () {
  const [a, b, c] = yield* Effect.all([${first}, ${second}, ${third}], { concurrency: "unbounded" })
  return [a, b, c] as const
})`
}

export const forkAndHandle: Writing = {
  name: "forkChild and join, one handled",
  imports: forkAndJoin.imports,
  scope: (first, second, third) => `Effect.gen(function* () {
  const a = yield* Effect.forkChild(${first})
  const b = yield* Effect.forkChild(${second})
  const c = yield* Effect.forkChild(Effect.tapError(${third}, (error) => Effect.logWarning(error._tag)))
  return [yield* Fiber.join(a), yield* Fiber.join(b), yield* Fiber.await(c)] as const
})`
}

export const allExits: Writing = {
  name: "Effect.all of exits, one handled",
  imports: "",
  scope: (first, second, third) => `Effect.gen(function* () {
  const handled = Effect.tapError(${third}, (error) => Effect.logWarning(error._tag))
  const [a, b, c] = yield* Effect.all([Effect.exit(${first}), Effect.exit(${second}), Effect.exit(handled)], {
    concurrency: "unbounded"
  })
  return [yield* a, yield* b, c] as const
})`
}

const pool = 60

/** The source of a file with so many scopes. */
export const sourceOf = (writing: Writing, scopes: number): string => {
  const job = (n: number) => `job${n % pool}`
  return [
    `import { Context, Effect } from "effect"`,
    // Every writing loads everything, so that what is loaded costs the same.
    `import * as Supervision from "firebreak/supervision"`,
    `export type Loaded = typeof Supervision`,
    writing.imports,
    ...Array.from(
      { length: pool },
      (_, n) => `export interface Failure${n} { readonly _tag: "Failure${n}"; readonly reason${n}: string }
export interface Value${n} { readonly value${n}: number }
export class Service${n} extends Context.Service<Service${n}, { readonly use${n}: number }>()("Service${n}") {}
declare const job${n}: Effect.Effect<Value${n}, Failure${n}, Service${n}>`
    ),
    ...Array.from({ length: scopes }, (_, n) => {
      // Each time round the pool, other jobs meet: no two scopes have the same three.
      const round = Math.floor(n / pool)
      const right = writing.scope(job(n), job(n * 7 + round * 13 + 1), job(n * 11 + round * 29 + 2))
      return `export const scope${n} = ${right}`
    }),
    ""
  ].join("\n")
}
