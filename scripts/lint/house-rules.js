/**
 * The house's own lint rules, for what neither a type nor a rule of oxlint can say.
 *
 * Each rule is one sentence to the person who broke it. An effect that is made and never yielded
 * is not refused here: that takes types, and `effect-tsgo diagnostics` has them (`floatingEffect`).
 */
import closuresDieYoung from "./closures-die-young.js"
import noTestLeftOut from "./no-test-left-out.js"
import timeAndChanceThroughEffect from "./time-and-chance-through-effect.js"

export default {
  meta: { name: "firebreak" },
  rules: {
    "closures-die-young": closuresDieYoung,
    "no-test-left-out": noTestLeftOut,
    "time-and-chance-through-effect": timeAndChanceThroughEffect
  }
}
