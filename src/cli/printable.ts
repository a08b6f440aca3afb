/**
 * Text from outside, made harmless for a terminal: a file must not move the cursor of whoever reads the report.
 */

// Control characters, line separators, and the marks that turn the writing direction.
const harmful = /[\p{Cc}\u2028\u2029\u200E\u200F\u202A-\u202E\u2066-\u2069\uFEFF]/gu

const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`

/** One line of at most `max` characters, control characters written as `\u001b`. */
export const printable = (text: string, max = 300): string => {
  const harmless = text.replace(harmful, escaped)
  return harmless.length > max ? `${harmless.slice(0, max)}…` : harmless
}

/** JSON on one line; what JSON itself lets pass and a terminal obeys is escaped as well. */
export const jsonLine = (value: unknown): string => JSON.stringify(value).replace(harmful, escaped)
