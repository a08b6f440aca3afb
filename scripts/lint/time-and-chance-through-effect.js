/**
 * Stories and scopes read the clock and draw numbers through Effect only: that is what makes them run on virtual time,
 * replay after a crash, and repeat under a seed.
 */
const INSTEAD = {
  "Date.now": "Clock.currentTimeMillis",
  "performance.now": "Clock.currentTimeNanos",
  "Math.random": "Random.next",
  "crypto.randomUUID": "Random.nextIntBetween",
  "crypto.getRandomValues": "Random.nextIntBetween",
  setTimeout: "Effect.sleep",
  setInterval: "Effect.repeat"
}

export default {
  meta: { type: "problem" },
  create(context) {
    const report = (node, written, instead) =>
      context.report({
        node,
        message: `${written} escapes the clock and the seed of the tests: use ${instead} of Effect.`
      })
    return {
      CallExpression({ callee }) {
        const written =
          callee.type === "MemberExpression" ? `${callee.object.name}.${callee.property.name}` : callee.name
        if (Object.hasOwn(INSTEAD, written)) report(callee, `${written}()`, INSTEAD[written])
        if (written === "Date") report(callee, "Date()", "DateTime.now")
      },
      NewExpression(node) {
        if (node.callee.name === "Date" && node.arguments.length === 0) report(node, "new Date()", "DateTime.now")
      }
    }
  }
}
