/**
 * A function that is written to a property where it is made is taken for a method that stays: V8 puts it among the old
 * objects at once (`FunctionLiteral::set_pretenure`). It is a closure all the same, and what it has in sight outlives every
 * collection of young objects, until the next full one. One such closure per execution kept three of ten bytes alive, and
 * made each collection ten times as long. A getter in an object literal does the same.
 *
 * Given a name first, it is as young as any other object.
 */
const FUNCTIONS = new Set(["ArrowFunctionExpression", "FunctionExpression"])

export default {
  meta: { type: "problem" },
  create(context) {
    return {
      AssignmentExpression({ left, right }) {
        if (left.type !== "MemberExpression" || !FUNCTIONS.has(right.type)) return
        context.report({
          node: right,
          message:
            "V8 keeps what this function sees until the next full collection: name it first, then assign the name."
        })
      },
      Property(node) {
        if (node.kind !== "get" && node.kind !== "set") return
        context.report({
          node,
          message: `V8 keeps what this ${node.kind}ter sees until the next full collection: make it a class, or a function.`
        })
      }
    }
  }
}
