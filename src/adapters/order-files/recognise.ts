/**
 * What kind of order file this is, from its first 64 KiB: by content, never by the file's name.
 *
 * The special rule: whatever makes a file unusable as a whole is found here, before the first order is read: a NUL byte,
 * a character that is not UTF-8, an unknown header. What turns up further down costs the order it stands in only, because
 * the orders above it may have been run already.
 */
import { Result } from "effect"
import { cellsOf } from "./cells.ts"
import { columnKey, type Columns, columnsOf } from "./columns.ts"
import type { Layout } from "./Layout.ts"
import { ownLayout } from "./ownLayout.ts"
import { rows } from "./rows.ts"
import { shopifyLayout } from "./shopifyLayout.ts"
import { bomLength, firstWrong } from "./utf8.ts"

/** 64 KiB. */
export const windowSize = 65_536

export type Format =
  | { readonly _tag: "Ndjson" }
  | { readonly _tag: "JsonArray" }
  | { readonly _tag: "Csv"; readonly layout: Layout; readonly columns: Columns; readonly width: number }

/** `start` is the beginning of the file, all of it when `isWhole`. The failure is why the file is unusable. */
export const recognise = (
  start: Uint8Array,
  isWhole: boolean,
  paymentMethod: string | undefined
): Result.Result<Format, string> => {
  const notText = whyNotText(start, isWhole)
  if (notText !== undefined) return Result.fail(notText)
  const content = new TextDecoder().decode(start).trimStart()
  if (content === "") return Result.fail(isWhole ? "it is empty" : "it begins with 64 KiB of white space")
  if (content.startsWith("[")) return Result.succeed({ _tag: "JsonArray" })
  if (content.startsWith("{")) {
    return /^\{\s*\n/.test(content)
      ? Result.fail(
          "it is one JSON object over several lines: write each order on one line, or all of them as an array"
        )
      : Result.succeed({ _tag: "Ndjson" })
  }
  // A file of JSON lines stays one when its first line is spoilt.
  return Result.orElse(csv(start.subarray(bomLength(start)), isWhole, paymentMethod), (reason) =>
    /^\s*\{\s*"/m.test(content) ? Result.succeed<Format>({ _tag: "Ndjson" }) : Result.fail(reason)
  )
}

const whyNotText = (start: Uint8Array, isWhole: boolean): string | undefined => {
  if ((start[0] === 0xff && start[1] === 0xfe) || (start[0] === 0xfe && start[1] === 0xff)) {
    return "it is written in UTF-16: save it as UTF-8"
  }
  const nul = start.indexOf(0)
  if (nul >= 0) return `it is binary: there is a NUL byte at ${placeOf(start, nul)}`
  const wrong = firstWrong(start, isWhole)
  return wrong === undefined ? undefined : `it is not written in UTF-8: see ${placeOf(start, wrong)}`
}

const placeOf = (bytes: Uint8Array, at: number): string => {
  let line = 1
  for (let before = 0; before < at; before++) if (bytes[before] === 0x0a) line++
  return `byte ${at + 1}, on line ${line}`
}

const csv = (start: Uint8Array, isWhole: boolean, paymentMethod: string | undefined): Result.Result<Format, string> => {
  const cutter = rows()
  const [first] = [...cutter.push(start), ...(isWhole ? cutter.end() : [])]
  const [header] = first === undefined ? [] : cellsOf([first])
  if (header?._tag !== "Row") return Result.fail(unknown("there is no header in its first 64 KiB"))
  const columns = columnsOf(header.cells)
  const layout =
    columns.has("lineitemname") || columns.has("lineitemprice")
      ? shopifyLayout(paymentMethod)
      : columns.has("sku")
        ? ownLayout
        : undefined
  if (layout === undefined) return Result.fail(unknown("its first line is no header that is known here"))
  const missing = layout.required.filter((name) => !columns.has(columnKey(name)))
  return missing.length === 0
    ? Result.succeed({ _tag: "Csv", layout, columns, width: header.cells.length })
    : Result.fail(`its header lacks ${missing.join(", ")}`)
}

const unknown = (what: string) =>
  `it is neither JSON lines, nor a JSON array, nor CSV with columns id, sku, quantity … or of a Shopify export: ${what}`
