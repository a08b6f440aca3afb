/**
 * Which orders a run has read already: finds an order that comes twice, in one file or in several.
 *
 * The special rule: an order costs the same here however large it is, 43 to 86 bytes (a slot of 32, of which 3/8 to 3/4
 * are in use), and all of it outside the JavaScript heap. The id is known by 128 bits of its SHA-256, the content by 64:
 * two orders that are taken for one by chance are not to be expected in the lifetime of any shop.
 *
 * Not here: what is said about an order that comes twice (`judge.ts`).
 */
import { hash } from "node:crypto"
import type { Money } from "../../workflows/Money.ts"
import type { Order } from "../../workflows/Order.ts"

/** Where an order was read before, and whether it was the same order to the letter. */
export interface ReadBefore {
  readonly file: string
  readonly line: number
  readonly sameContent: boolean
}

// One slot: four words of the id's digest, two of the content's, the line, and the file's number plus one (0: free).
const slotWords = 8
const contentAt = 4
const lineAt = 6
const fileAt = 7

export class OrderIndex {
  private table = new Uint32Array(1024 * slotWords)
  private readonly entry = new Uint32Array(slotWords)
  private readonly files: Array<string> = []

  /** How many orders are known. */
  size = 0

  /** Remembers `order`, unless one of its id is known: then tells where that one stands. */
  add(order: Order, file: string, line: number): ReadBefore | undefined {
    const { entry } = this
    writeDigest(order.id, entry, 0, contentAt)
    writeDigest(contentOf(order), entry, contentAt, lineAt)
    const slot = this.slotOf(entry)
    const known = this.table[slot + fileAt] ?? 0
    if (known !== 0) {
      return {
        file: this.files[known - 1] ?? file,
        line: this.table[slot + lineAt] ?? 0,
        sameContent: sameWords(this.table, slot, entry, contentAt, lineAt)
      }
    }
    entry[lineAt] = line
    entry[fileAt] = this.numberOf(file) + 1
    this.table.set(entry, slot)
    this.size++
    if (this.size * slotWords > this.table.length * 0.75) this.grow()
    return undefined
  }

  /** The slot that holds the id of `entry`, or the free one where it belongs. */
  private slotOf(entry: Uint32Array): number {
    const slots = this.table.length / slotWords
    // The digest's bits are as good as random: its first word is the hash.
    let slot = ((entry[0] ?? 0) & (slots - 1)) * slotWords
    while (this.table[slot + fileAt] !== 0 && !sameWords(this.table, slot, entry, 0, contentAt)) {
      slot = (slot + slotWords) % this.table.length
    }
    return slot
  }

  private grow(): void {
    const full = this.table
    this.table = new Uint32Array(full.length * 2)
    for (let from = 0; from < full.length; from += slotWords) {
      if (full[from + fileAt] === 0) continue
      const entry = full.subarray(from, from + slotWords)
      this.table.set(entry, this.slotOf(entry))
    }
  }

  private numberOf(file: string): number {
    const known = this.files.lastIndexOf(file)
    return known >= 0 ? known : this.files.push(file) - 1
  }
}

const sameWords = (table: Uint32Array, slot: number, entry: Uint32Array, from: number, to: number): boolean => {
  for (let word = from; word < to; word++) if (table[slot + word] !== entry[word]) return false
  return true
}

/** Fills the words from `from` to `to` with the beginning of the text's digest. */
const writeDigest = (text: string, entry: Uint32Array, from: number, to: number): void => {
  // As a text of one character for each byte: a buffer for each order would be memory outside the heap, which the
  // garbage collector lets pile up.
  const bytes = hash("sha256", text, "latin1")
  for (let word = from, at = 0; word < to; word++, at += 4) {
    entry[word] =
      bytes.charCodeAt(at) |
      (bytes.charCodeAt(at + 1) << 8) |
      (bytes.charCodeAt(at + 2) << 16) |
      (bytes.charCodeAt(at + 3) << 24)
  }
}

// A list of lists with a fixed place for everything, so that no two different orders are written alike. An amount of
// zero is the same as none: a spreadsheet writes the one where a program leaves out the other.
const contentOf = (order: Order): string =>
  JSON.stringify([
    order.customer.email ?? null,
    order.customer.name ?? null,
    order.total.currency,
    order.lines.map((line) => [line.sku, line.name ?? null, line.quantity, line.price.minor]),
    amount(order.shipping),
    amount(order.tax),
    amount(order.tip),
    amount(order.discount),
    order.total.minor,
    order.payment.method
  ])

const amount = (money: Money | undefined): number => money?.minor ?? 0
