import { makeOpenScope } from "../../src/supervision/internal/openScope.ts"
import { bodyInFiber } from "../../src/supervision/internal/bodyInFiber.ts"
import { storyByHand } from "../../src/supervision/internal/storyByHand.ts"
import { lawsOf, type Scopes } from "./laws.ts"

const scopesOf = (open: ReturnType<typeof makeOpenScope>): Scopes => ({
  coroutineScope: (body, options) => open("coroutineScope", body, options?.name),
  supervisorScope: (body, options) => open("supervisorScope", body, options?.name)
})

lawsOf("its body in a fiber", scopesOf(makeOpenScope(bodyInFiber)))
lawsOf("its body run by hand", scopesOf(makeOpenScope(storyByHand)))
