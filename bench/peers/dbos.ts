/**
 * The peer: DBOS for TypeScript, as its own guide writes a workflow: ordinary functions, each step through `runStep`.
 *
 * It is imported by name at run time, because it is installed below this folder, and only when the bench runs.
 */
import type { StartArm } from "../durable/Arm.ts"

/** The part of `@dbos-inc/dbos-sdk` that is used here. */
interface Sdk {
  readonly DBOS: {
    readonly setConfig: (config: Record<string, unknown>) => void
    readonly registerWorkflow: <A extends ReadonlyArray<unknown>, B>(
      workflow: (...args: A) => Promise<B>,
      options: { readonly name: string }
    ) => (...args: A) => Promise<B>
    readonly runStep: <A>(step: () => Promise<A>, options: { readonly name: string }) => Promise<A>
    readonly withNextWorkflowID: <A>(id: string, run: () => Promise<A>) => Promise<A>
    readonly launch: () => Promise<void>
    readonly shutdown: () => Promise<void>
  }
}

export const start: StartArm = async (place) => {
  if (!("url" in place)) throw new Error("DBOS keeps its workflows in PostgreSQL")
  const name = "@dbos-inc/dbos-sdk"
  // The interface above was read from the declarations of 5.3.0, which bench/peers/package.json pins.
  const { DBOS } = (await import(name)) as Sdk
  // It asks for a user and a host in front; the parameters behind, the socket among them, win all the same.
  const { pathname, search } = new URL(place.url)
  const systemDatabaseUrl = `postgres://postgres@localhost${pathname}${search}`
  DBOS.setConfig({ name: "bench", systemDatabaseUrl, logLevel: "error" })

  const step = (name: string, answer: string) => DBOS.runStep(() => Promise.resolve(answer), { name })
  const order = DBOS.registerWorkflow(
    async ({ id }: { readonly id: string; readonly amount: number }) => {
      const payment = await step("charge", `payment ${id}`)
      try {
        const [reservation, letter] = await Promise.allSettled([
          step("reserve", `reservation ${id}`),
          step("notify", `letter ${id}`)
        ])
        if (reservation.status === "rejected") throw reservation.reason
        return `${payment}, ${reservation.value}, ${letter.status}`
      } catch (error) {
        await step("refund", `refunded ${id}`)
        throw error
      }
    },
    { name: "order" }
  )
  await DBOS.launch()
  return {
    run: async (inFlight, next, ended) => {
      const worker = async () => {
        for (let id = next(); id !== undefined; id = next()) {
          const mine = id
          const began = performance.now()
          await DBOS.withNextWorkflowID(mine, () => order({ id: mine, amount: 2500 }))
          ended(performance.now() - began)
        }
      }
      await Promise.all(Array.from({ length: inFlight }, worker))
    },
    close: () => DBOS.shutdown()
  }
}
