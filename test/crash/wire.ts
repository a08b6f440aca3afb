/**
 * What the two sides of the crash run say to each other: the process that is killed, and the one that kills it and is
 * the whole world to it. JSON, one message a line, over a socket.
 *
 * The special rule: what has been said has happened. A line that a killed process had sent is read to its end.
 */
import type net from "node:net"
import type { Plan } from "./plan.ts"

/** Where the journal is kept. */
export type Place = { readonly file: string } | { readonly url: string }

/** What is asked of the outside, under which key. */
export interface Question {
  readonly kind: "do" | "look" | "undo" | "look at undo"
  readonly step: string
  readonly order: string
  readonly key: string
}

export type Answer =
  | { readonly is: "done"; readonly value: string }
  | { readonly is: "refused" | "unavailable" | "indeterminate" | "defect" | "absent" | "unknown" }

/** How an order rests, as it was told to whoever waited for it. */
export interface Told {
  readonly status: string
  readonly found: string
  /** What it gave; or the tag of what it failed with. */
  readonly result: ReadonlyArray<string> | string
  readonly undone: ReadonlyArray<string>
}

export type FromChild =
  | { readonly say: "opened" }
  | { readonly say: "asks"; readonly number: number; readonly question: Question }
  | { readonly say: "acknowledges"; readonly order: string; readonly id: string }
  | { readonly say: "tells"; readonly order: string; readonly told: Told }
  | { readonly say: "fails"; readonly message: string }

export type ToChild =
  | { readonly say: "open"; readonly place: Place }
  /** Starts an order; who waits for it is told how it rests. */
  | { readonly say: "start"; readonly plan: Plan; readonly waits: boolean }
  | { readonly say: "answer"; readonly number: number; readonly answer: Answer }
  /** Ends in good order. */
  | { readonly say: "leave" }

export const say = (socket: net.Socket, message: FromChild | ToChild): void => {
  if (socket.writable) socket.write(`${JSON.stringify(message)}\n`)
}

/** Calls back with each message, and when the last one has been heard. `Message` is what the other side says. */
export const hear = <Message>(socket: net.Socket, heard: (message: Message) => void, hushed = () => {}): void => {
  let rest = ""
  socket.setEncoding("utf8").on("close", hushed)
  socket.on("data", (text: string) => {
    const lines = (rest + text).split("\n")
    rest = lines.pop()! // of a process that was killed while it wrote, the last line is torn
    for (const line of lines) heard(JSON.parse(line) as Message) // sound: the other side is this program as well
  })
}
