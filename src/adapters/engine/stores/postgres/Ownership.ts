/**
 * Becoming the owner of a journal, and staying it while the connection comes and goes.
 *
 *   claiming ─▶ holding ──(the session ended)──▶ without lock ──(nobody else took it)──▶ holding
 *                                                     ├──(somebody raised the epoch)──▶ lost, for good
 *                                                     ╰──(the server is another one)──▶ lost, for good
 *
 * The special rule: the lock keeps two owners from trying, the epoch keeps them from writing. The lock belongs to a
 * session, so it goes with a dead process by itself; the epoch is looked at in every commit, so whoever was frozen and
 * replaced writes nothing.
 *
 * Not here: the commits (`commit.ts`).
 */
import { Effect, Exit, Scope } from "effect"
import type { SqlError } from "effect/sql/SqlError"
import { isSqlError } from "effect/sql/SqlError"
import { JournalUnusable } from "../../Store.ts"
import type { OwnershipLost, StoreBroken } from "../../Store.ts"
import type { Address } from "./address.ts"
import { claim } from "./claim.ts"
import type { Claim, ClaimOptions } from "./claim.ts"
import { openLine } from "./line.ts"
import type { Line } from "./line.ts"
import type { Notices } from "./Notices.ts"
import { mustBeAt } from "./origin.ts"
import { lostTo, OWNER_LOCK } from "./owners.ts"
import { pause } from "./pause.ts"
import { bigint } from "./rows.ts"
import { unusable } from "./unusable.ts"

export interface Ownership extends Claim {
  readonly origin: string
  /** Whether it is known that somebody else owns the journal now, or that another server answers for it. */
  readonly lost: () => OwnershipLost | StoreBroken | undefined
}

const LONGEST_PAUSE = 1_000

/** Becomes the owner and stays it until the scope closes. Listens for requests on the session that holds the lock. */
export const own = (
  address: Address,
  options: ClaimOptions,
  notices: Notices
): Effect.Effect<Ownership, JournalUnusable, Scope.Scope> =>
  Effect.gen(function* () {
    const scope = yield* Scope.fork(yield* Scope.Scope)
    const [line, { isLocked, ...claimed }] = yield* openLine(address, "owner").pipe(
      Effect.flatMap((line) => Effect.map(claim(address, line, options), (claimed) => [line, claimed] as const)),
      Scope.provide(scope),
      Effect.onError(() => Scope.close(scope, Exit.void)) // who was refused leaves at once
    )
    let lost: OwnershipLost | StoreBroken | undefined
    /** The session that held the lock last. */
    let former = line
    let pauseFor = 0

    const hold = (line: Line) =>
      // Given back before the session ends: else a next owner would have to wait until the server has noticed.
      Effect.ensuring(
        notices.listen(line),
        Effect.ignore(line.connection.queryValues(`SELECT pg_advisory_unlock(${OWNER_LOCK})`, [], false))
      )

    const regain = Effect.scoped(
      Effect.gen(function* () {
        const line = yield* openLine(address, "owner")
        yield* mustBeAt(line.connection, claimed.origin)
        yield* endSession(line, former)
        yield* stillOurs(line, claimed.epoch)
        const rows = yield* line.connection.queryValues(`SELECT pg_try_advisory_lock(${OWNER_LOCK})`, [], false)
        if (rows[0]?.[0] !== true) return
        // Whoever had the lock in between has raised the epoch before it gave it back.
        yield* stillOurs(line, claimed.epoch)
        former = line
        pauseFor = 0
        return yield* hold(line)
      })
    )
    const keep = (isLocked ? Effect.ignore(hold(line)) : Effect.void).pipe(
      Effect.ensuring(Scope.close(scope, Exit.void)),
      Effect.andThen(
        regain.pipe(
          Effect.catch((error) => Effect.sync(() => void (isSqlError(error) || (lost = error)))),
          Effect.andThen(
            Effect.suspend(() => {
              pauseFor = Math.min(Math.max(pauseFor * 2, 20), LONGEST_PAUSE)
              return pause(pauseFor)
            })
          ),
          Effect.repeat({ until: () => lost !== undefined })
        )
      ),
      Effect.andThen(Effect.sync(notices.fire)) // who waits for requests should hear of it
    )
    yield* Effect.forkScoped(keep)
    return { ...claimed, lost: () => lost }
  }).pipe(Effect.mapError((error) => (isSqlError(error) ? unusable(address, error) : error)))

/** The server may not have noticed that the session which held the lock has no other end any more. */
const endSession = ({ connection }: Line, { backend, since }: Line): Effect.Effect<void, SqlError> =>
  Effect.asVoid(
    connection.queryValues(
      "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE pid = $1::integer AND backend_start::text = $2",
      [backend, since],
      false
    )
  )

const stillOurs = ({ connection }: Line, epoch: number): Effect.Effect<void, SqlError | OwnershipLost> =>
  Effect.gen(function* () {
    const rows = yield* connection.queryValues(
      "SELECT FROM firebreak_owner WHERE shard = 0 AND epoch = $1::float8::bigint",
      [bigint(epoch)],
      false
    )
    if (rows.length === 0) return yield* Effect.flatMap(lostTo(connection), Effect.fail)
  })
