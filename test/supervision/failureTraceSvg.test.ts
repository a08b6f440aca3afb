/**
 * Traces as pictures: well-formed, complete, and nothing written over anything else.
 */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { coroutineScope, failureTraceSvg } from "firebreak/supervision"
import { textWidth } from "../../src/supervision/trace/svgParts.ts"
import { hostile, nested, orders, pair, traced, wide } from "../support/tracedPrograms.ts"

interface Element {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly content: Array<Element | string>
}

/** Reads a document of elements and text, and throws where it is not well-formed. */
const parse = (xml: string): Element => {
  if (/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u.test(xml))
    throw new Error("a character that XML does not allow")
  const document: Element = { name: "", attributes: {}, content: [] }
  const open = [document]
  const token = /<(\/?)([a-zA-Z]+)((?: [a-zA-Z-]+="[^"<&]*(?:&#\d+;[^"<&]*)*")*)(\/?)>|([^<&]+)|(&#\d+;)/y
  while (token.lastIndex < xml.length) {
    const at = token.lastIndex
    const [, closing, name, attributes = "", empty, text, entity] = token.exec(xml) ?? []
    const inside = open.at(-1)!
    if (entity !== undefined) inside.content.push(String.fromCharCode(Number(entity.slice(2, -1))))
    else if (text !== undefined) inside.content.push(text)
    else if (name === undefined) throw new Error(`not well-formed: ${xml.slice(at, at + 40)}`)
    else if (closing === "/") {
      if (open.pop()?.name !== name) throw new Error(`</${name}> closes nothing`)
    } else {
      const given = [...attributes.matchAll(/ ([a-zA-Z-]+)="([^"]*)"/g)].map((match) => [match[1]!, match[2]!] as const)
      const element = { name, attributes: Object.fromEntries(given), content: [] }
      if (given.length !== Object.keys(element.attributes).length)
        throw new Error(`an attribute of <${name}> stands twice`)
      inside.content.push(element)
      if (empty !== "/") open.push(element)
    }
  }
  if (open.length > 1) throw new Error(`<${open.at(-1)!.name}> is not closed`)
  return document.content[0] as Element
}

const all = (element: Element): ReadonlyArray<Element> => [
  element,
  ...element.content.flatMap((child) => (typeof child === "string" ? [] : all(child)))
]
const named = (svg: Element, name: string) => all(svg).filter((element) => element.name === name)
const textOf = ({ content }: Element): string => content.filter((child) => typeof child === "string").join("")
const number = ({ attributes }: Element, name: string) => Number(attributes[name])

/** How often each sign occurs before names. */
const signs = (svg: Element) =>
  named(svg, "g")
    .flatMap(({ content }) => content.filter((child) => typeof child !== "string"))
    .filter((child) => child.name === "use" && number(child, "y") > 0)
    .map(({ attributes }) => attributes["href"]!.replace("#sign-", ""))

/** The texts that lie over one another, or outside of the picture. */
const collisions = (svg: Element): ReadonlyArray<string> => {
  const boxes = named(svg, "text").map((text) => {
    const size = Number(/font-size:([\d.]+)px/.exec(text.attributes["style"] ?? "")?.[1] ?? 12)
    // As the widest of the usual fonts has it.
    const width = textWidth(textOf(text), size) * 0.95
    const from = number(text, "x") - (text.attributes["text-anchor"] === "middle" ? width / 2 : 0)
    const y = number(text, "y")
    return { text: textOf(text), from, to: from + width, top: y - size * 0.8, bottom: y + size * 0.2 }
  })
  const width = number(svg, "width")
  const height = number(svg, "height")
  return boxes.flatMap((one, index) => [
    ...(one.from < 0 || one.to > width || one.top < 0 || one.bottom > height ? [`outside: ${one.text}`] : []),
    ...boxes
      .slice(index + 1)
      .filter((other) => one.from < other.to && other.from < one.to && one.top < other.bottom && other.top < one.bottom)
      .map((other) => `${one.text} over ${other.text}`)
  ])
}

describe("the picture of a trace", () => {
  it.effect("shows two jobs of which one fails: names, states, who failed first, an arrow to who was cancelled", () =>
    Effect.gen(function* () {
      const svg = parse(failureTraceSvg(yield* traced(pair)))
      assert.deepStrictEqual(named(svg, "text").map(textOf), [
        "order",
        "2 jobs: 1 failed, 1 cancelled",
        "0",
        "5ms",
        "10ms",
        "15ms",
        "20ms",
        "25ms",
        "30ms",
        "order",
        "failed because of reserve",
        "reserve",
        "failed first: OutOfStock: no MUG-1 left",
        "notify",
        "cancelled because of reserve",
        "failed",
        "cancelled",
        "because of",
        "ending: finalizers"
      ])
      const [origin] = named(svg, "circle").filter(({ attributes }) => attributes["class"] === "f-failed l-paper")
      const arrow = named(svg, "path").find(({ attributes }) => attributes["class"] === "line l-failed")!
      const [x, from, to] = /M([\d.]+) ([\d.]+)V([\d.]+)/.exec(arrow.attributes["d"]!)!.slice(1).map(Number)
      const yOf = (name: string) =>
        number(
          named(svg, "text").findLast((text) => textOf(text) === name)!,
          "y"
        ) - 4.5
      assert.deepStrictEqual([x, from, to], [number(origin!, "cx"), yOf("order"), yOf("notify")])
      assert.strictEqual(number(origin!, "cy"), yOf("reserve"))
    })
  )

  it.effect("tells each state by a sign, and a supervisor by its frame", () =>
    Effect.gen(function* () {
      const svg = parse(failureTraceSvg(yield* traced(nested)))
      const before = signs(svg).filter((_, index) => index < 9 + 9)
      assert.includeMembers(before, ["succeeded", "failed", "cancelled"])
      const frames = named(svg, "rect").filter(
        ({ attributes }) => attributes["class"] === "line l-frame" && Number(attributes["height"]) > 12
      )
      assert.deepStrictEqual(
        frames.map(({ attributes }) => attributes["stroke-dasharray"] ?? "solid"),
        ["solid", "4 3", "solid"]
      )
      assert.strictEqual(named(svg, "use").filter(({ attributes }) => attributes["href"] === "#sign-spared").length, 2)
    })
  )

  const pictures = { pair, nested, "30 jobs": wide(30), "65 orders": orders(65), "5,000 jobs": wide(5000), hostile }
  for (const [name, program] of Object.entries(pictures)) {
    it.effect(`is well-formed and legible: ${name}`, () =>
      Effect.gen(function* () {
        const trace = yield* traced(program)
        for (const options of [
          {},
          { width: 700, rows: 25, theme: "dark" },
          { title: "x".repeat(300), width: 2000 }
        ] as const) {
          assert.deepStrictEqual(collisions(parse(failureTraceSvg(trace, options))), [])
        }
      })
    )
  }

  it.effect("shows what failed of thousands, and counts the others", () =>
    Effect.gen(function* () {
      const texts = named(parse(failureTraceSvg(yield* traced(wide(5000)), { rows: 50 })), "text").map(textOf)
      assert.include(texts, "4,951 more, all succeeded")
      assert.include(texts, "failed first: SmtpDown")
      assert.include(texts, "5,000 jobs: 4,999 succeeded, 1 failed · 2,894 spared")
    })
  )

  it.effect("shortens what does not fit, and has the whole of it as a tooltip", () =>
    Effect.gen(function* () {
      const svg = parse(failureTraceSvg(yield* traced(hostile)))
      const long = named(svg, "text").find((text) => textOf(text).startsWith("xxx"))!
      assert.match(textOf(long), /^x{10,60}…$/)
      assert.strictEqual(textOf(named(long, "title")[0]!), "x".repeat(500))
    })
  )

  it.effect("calls scopes and jobs as it is told, and says nothing that is not in the trace", () =>
    Effect.gen(function* () {
      const trace = yield* traced(pair)
      const svg = parse(failureTraceSvg(trace, { title: "Tuesday", label: ({ id, name }) => `${id}. ${name}` }))
      const texts = named(svg, "text").map(textOf)
      assert.includeMembers(texts, ["Tuesday", "1. order", "2. reserve", "3. notify"])
      assert.strictEqual(failureTraceSvg(JSON.parse(JSON.stringify(trace))), failureTraceSvg(trace))
    })
  )

  it.effect("can be drawn of what took no time, and of nothing", () =>
    Effect.gen(function* () {
      const instant = yield* traced(coroutineScope(function* () {}, { name: "instant" }))
      for (const trace of [instant, yield* traced(Effect.void)]) {
        const xml = failureTraceSvg(trace)
        assert.notMatch(xml, /NaN|Infinity|undefined/)
        assert.deepStrictEqual(collisions(parse(xml)), [])
      }
    })
  )

  it.effect("is readable on light and on dark backgrounds", () =>
    Effect.gen(function* () {
      const trace = yield* traced(pair)
      const contrastOf = (theme: "light" | "dark", colour: string) => {
        const css = textOf(named(parse(failureTraceSvg(trace, { theme })), "style")[0]!)
        const of = (name: string) => luminance(new RegExp(`\\.f-${name}{fill:#(\\w{6})}`).exec(css)![1]!)
        const [dim, bright] = [of("paper"), of(colour)].toSorted((a, b) => a - b)
        return (bright! + 0.05) / (dim! + 0.05)
      }
      for (const theme of ["light", "dark"] as const) {
        for (const words of ["ink", "quiet", "failed"])
          assert.isAbove(contrastOf(theme, words), 4.5, `${theme} ${words}`)
        for (const marks of ["succeeded", "cancelled", "suspended", "running"]) {
          assert.isAbove(contrastOf(theme, marks), 3, `${theme} ${marks}`)
        }
      }
      assert.include(failureTraceSvg(trace), "@media (prefers-color-scheme:dark)")
    })
  )
})

const luminance = (hex: string): number => {
  const [r, g, b] = [0, 2, 4].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!
}
