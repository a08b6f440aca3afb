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

/** How many of the leading bytes can be the beginning of a UTF-8 text: all of them, unless one is wrong. */
export const validPrefix = (bytes: Uint8Array): number => {
  // A prefix is wrong as soon as it holds the wrong byte, and stays wrong: so the place is found by halving.
  let valid = 0
  let wrong = bytes.length + 1
  while (wrong - valid > 1) {
    const middle = (valid + wrong) >> 1
    if (canBegin(bytes.subarray(0, middle))) valid = middle
    else wrong = middle
  }
  return valid
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
