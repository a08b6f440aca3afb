import { makeOpenScope } from "../../src/supervision/internal/openScope.ts"
import { bodyInFiber } from "../../src/supervision/internal/bodyInFiber.ts"
import { storyByHand } from "../../src/supervision/internal/storyByHand.ts"
import { cornersOf } from "./corners.ts"
import { lawsOf, type Scopes } from "./laws.ts"

const scopesOf = (open: ReturnType<typeof makeOpenScope>): Scopes => ({
  coroutineScope: (body, options) => open("coroutineScope", body, options?.name),
  supervisorScope: (body, options) => open("supervisorScope", body, options?.name)
})

for (const [runner, open] of Object.entries({
  "its body in a fiber": makeOpenScope(bodyInFiber),
  "its body run by hand": makeOpenScope(storyByHand)
})) {
  lawsOf(runner, scopesOf(open))
  cornersOf(runner, scopesOf(open))
}
