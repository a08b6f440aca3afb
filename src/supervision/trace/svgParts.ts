/**
 * What a picture is made of: elements with their text made safe, and how wide a text will be.
 */

/** Text for XML. What no XML document may hold has been taken out by `oneLine` before. */
export const safe = (text: string): string => text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)

/** A number of pixels, short. */
export const px = (value: number): string => String(Math.round(value * 10) / 10)

/** An element; attributes without a value are left out. */
export const element = (
  name: string,
  attributes: { readonly [name: string]: string | number | undefined },
  ...content: ReadonlyArray<string>
): string => {
  const given = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${typeof value === "number" ? px(value) : safe(value!)}"`)
    .join("")
  return content.length === 0 ? `<${name}${given}/>` : `<${name}${given}>${content.join("")}</${name}>`
}

/**
 * About how wide a text is in a sans-serif font; rather too wide than too narrow, because nobody knows which font the
 * reader has.
 */
export const textWidth = (text: string, size: number): number => {
  let width = 0
  for (const char of text) width += letterWidth(char)
  return width * size
}

const letterWidth = (char: string): number => {
  if (/\p{Mn}|\u200D/u.test(char)) return 0
  if (/[il.,:;'|!jtfr()[\] /·]/.test(char)) return 0.42
  if (/[mwMW@%…]/.test(char)) return 1
  if (/[A-Z]/.test(char)) return 0.75
  return char <= "\u024F" || char === "–" || char === "—" ? 0.64 : 1.1
}

/** As much of a text as fits, with `…` where something is missing. */
export const fitting = (text: string, width: number, size: number): string => {
  if (textWidth(text, size) <= width) return text
  let room = width - textWidth("…", size)
  let fits = ""
  for (const char of text) {
    room -= letterWidth(char) * size
    if (room < 0) break
    fits += char
  }
  return `${fits.trimEnd()}…`
}
