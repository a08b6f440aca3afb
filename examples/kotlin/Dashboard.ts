/**
 * `DashboardViewModel`: two calls, one after the other, in one job.
 *
 * Kotlin:  viewModelScope.launch { try { … uiState = Success } catch (e: Exception) { uiState = Error(e.message) } }
 *
 * Here: the same shape. `viewModelScope` is a supervisor without `onFailure`, so it only takes jobs that cannot fail:
 * leaving out the catch does not compile. What changed: leaving the screen no longer paints "Error: Job was cancelled"
 * on it, because catching failures does not catch cancellations.
 */
import { Console, Effect } from "effect"
import { Supervisor } from "firebreak/supervision"
import { printIfMain, seedProgram } from "./harness/SeedProgram.ts"
import { cancelledAfter, IOException, sayStatus } from "./harness/words.ts"

export interface UserRepository {
  readonly getCurrentUser: Effect.Effect<string, IOException>
}

export interface OrderRepository {
  readonly getRecentOrders: (user: string) => Effect.Effect<string, IOException>
}

/** What the screen shows. */
const uiState = (state: string) => Console.log(`uiState=${state}`)

const loading = Effect.fnUntraced(
  function* (users: UserRepository, orders: OrderRepository) {
    const user = yield* users.getCurrentUser
    const recent = yield* orders.getRecentOrders(user)
    yield* uiState(`Success(${user},${recent})`)
  },
  Effect.catchTag("IOException", (error) => uiState(`Error(${error.message})`))
)

export const makeDashboardViewModel = Effect.fnUntraced(function* (users: UserRepository, orders: OrderRepository) {
  const viewModelScope = yield* Supervisor.make({ name: "viewModelScope" })
  return { loadDashboard: viewModelScope.launch(loading(users, orders), { name: "loadDashboard" }) }
})

const users: UserRepository = {
  getCurrentUser: Effect.sleep(50).pipe(Effect.andThen(Console.log("user done")), Effect.as("user"))
}

const usersOffline: UserRepository = {
  getCurrentUser: Effect.sleep(50).pipe(
    Effect.andThen(Console.log("user throws IOException(net)")),
    Effect.andThen(new IOException({ message: "net" }))
  )
}

const orders: OrderRepository = {
  getRecentOrders: () => Effect.sleep(50).pipe(Effect.andThen(Console.log("orders done")), Effect.as("orders"))
}

export const S10 = seedProgram("S10", "sequential calls in one job, and a catch around them", {
  "both calls succeed": Effect.gen(function* () {
    const job = yield* (yield* makeDashboardViewModel(users, orders)).loadDashboard
    yield* job.join
  }),
  "the first call fails, the second is never made": Effect.gen(function* () {
    const job = yield* (yield* makeDashboardViewModel(usersOffline, orders)).loadDashboard
    yield* job.join
    yield* sayStatus("job", job)
  }),
  "leaving the screen paints nothing": cancelledAfter(25, loading(users, orders))
})

printIfMain(import.meta.url, { S10 })
