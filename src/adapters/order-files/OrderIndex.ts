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
  private readonly files: Array<string> = []

  /** How many orders are known. */
  size = 0

  /** Remembers `order`, unless one of its id is known: then tells where that one stands. */
  add(order: Order, file: string, line: number): ReadBefore | undefined {
    const id = digest(order.id)
    const content = digest(contentOf(order))
    const slot = this.slotOf(id)
    const known = this.table[slot + fileAt] ?? 0
    if (known !== 0) {
      return {
        file: this.files[known - 1] ?? file,
        line: this.table[slot + lineAt] ?? 0,
        sameContent: this.table[slot + contentAt] === content[0] && this.table[slot + contentAt + 1] === content[1]
      }
    }
    this.table.set(id.subarray(0, contentAt), slot)
    this.table.set(content.subarray(0, 2), slot + contentAt)
    this.table[slot + lineAt] = line
    this.table[slot + fileAt] = this.numberOf(file) + 1
    this.size++
    if (this.size * slotWords > this.table.length * 0.75) this.grow()
    return undefined
  }

  /** The slot that holds the id of this digest, or the free one where it belongs. */
  private slotOf(id: Uint32Array): number {
    const slots = this.table.length / slotWords
    // The digest's bits are as good as random: its first word is the hash.
    let slot = ((id[0] ?? 0) & (slots - 1)) * slotWords
    while (this.table[slot + fileAt] !== 0 && !this.holds(slot, id)) {
      slot = (slot + slotWords) % this.table.length
    }
    return slot
  }

  private holds(slot: number, id: Uint32Array): boolean {
    for (let word = 0; word < contentAt; word++) if (this.table[slot + word] !== id[word]) return false
    return true
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

// Copied, because four bytes at a time can only be read from an address that four divides.
const digest = (text: string): Uint32Array => new Uint32Array(new Uint8Array(hash("sha256", text, "buffer")).buffer)

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
