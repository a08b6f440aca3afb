/**
 * One execution's trouble is not the others': what it throws is thrown where nobody stands on the stack.
 */

export const guarded = (then: () => void): void => {
  try {
    then()
  } catch (defect) {
    queueMicrotask(() => {
      throw defect
    })
  }
}
