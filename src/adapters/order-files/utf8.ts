/**
 * Bytes as text, or nothing: what is not UTF-8 is never patched with replacement characters.
 */
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

/** The text of `bytes`, or `undefined` when they are not UTF-8. */
export const textOf = (bytes: Uint8Array): string | undefined => {
  try {
    return decoder.decode(bytes)
  } catch {
    return undefined
  }
}

/**
 * Where the first character that is not UTF-8 begins, or nothing. A character that the end of `bytes` cuts off is wrong
 * only when they are the whole text.
 */
export const firstWrong = (bytes: Uint8Array, isWhole: boolean): number | undefined => {
  if (canBegin(bytes) && (!isWhole || textOf(bytes) !== undefined)) return undefined
  // A beginning that holds a wrong byte is wrong however much of it is taken: so the place is found by halving.
  let right = 0
  let wrong = bytes.length + 1
  while (wrong - right > 1) {
    const middle = (right + wrong) >> 1
    if (canBegin(bytes.subarray(0, middle))) right = middle
    else wrong = middle
  }
  // What can begin a text may end within a character: that is the one that went wrong.
  while (textOf(bytes.subarray(0, right)) === undefined) right--
  return right
}

const canBegin = (bytes: Uint8Array): boolean => {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true })
    return true
  } catch {
    return false
  }
}

/** How many bytes at the beginning are a byte order mark, which says nothing in UTF-8. */
export const bomLength = (bytes: Uint8Array): number =>
  bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0
