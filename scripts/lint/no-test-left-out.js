/** `.only` leaves out all other tests, `.skip` and `.todo` this one: never silently. */
const SUITES = new Set(["it", "test", "describe", "suite", "layer"])
const NEEDS_REASON = new Set(["skip", "skipIf", "runIf", "todo"])

/** `it` of `it.effect.skip`. */
const rootOf = (node) => {
  if (node.type === "MemberExpression") return rootOf(node.object)
  if (node.type === "CallExpression") return rootOf(node.callee)
  return node.type === "Identifier" ? node.name : undefined
}

export default {
  meta: { type: "problem" },
  create: (context) => ({
    MemberExpression(node) {
      const name = node.property.name
      if (node.computed || !SUITES.has(rootOf(node.object))) return
      if (name === "only") {
        context.report({ node: node.property, message: "`.only` leaves out every other test: remove it." })
      }
      if (NEEDS_REASON.has(name) && !hasReason(context.sourceCode, node.property)) {
        context.report({
          node: node.property,
          message: `\`.${name}\` needs its reason in a comment at the end of the line.`
        })
      }
    }
  })
}

function hasReason(source, node) {
  const line = node.loc.start.line
  return source.getAllComments().some((comment) => comment.loc.start.line === line && /\w+ \w+/.test(comment.value))
}
