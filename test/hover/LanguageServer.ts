/**
 * The real TypeScript language server, as an editor talks to it: JSON-RPC over the standard streams of `tsc --lsp`.
 *
 * One process serves all files. A question that is not answered in time fails with what was asked and what the server
 * wrote to its log.
 */
import { type ChildProcess, spawn } from "node:child_process"
import { readFile } from "node:fs/promises"
import { fileURLToPath } from "node:url"

const root = new URL("../..", import.meta.url)
const patience = 120_000

export interface Position {
  readonly line: number
  readonly character: number
}

interface Question {
  readonly resolve: (result: any) => void
  readonly reject: (error: Error) => void
}

export class LanguageServer {
  private readonly process: ChildProcess
  private readonly questions = new Map<number, Question>()
  private asked = 0
  private received = Buffer.alloc(0)
  private log = ""

  private constructor() {
    this.process = spawn(process.execPath, ["node_modules/typescript/bin/tsc", "--lsp", "--stdio"], {
      cwd: fileURLToPath(root)
    })
    this.process.stdout!.on("data", (chunk: Buffer) => this.receive(chunk))
    this.process.stderr!.on("data", (chunk: Buffer) => (this.log = (this.log + chunk.toString()).slice(-4000)))
    this.process.on("error", (error) => this.giveUp(`could not be started: ${error.message}`))
    this.process.on("exit", (code) => this.giveUp(`ended with exit code ${code}`))
  }

  static async open(): Promise<LanguageServer> {
    const server = new LanguageServer()
    const folder = { uri: root.href, name: "firebreak" }
    await server.ask("initialize", {
      processId: process.pid,
      rootUri: root.href,
      workspaceFolders: [folder],
      capabilities: {
        textDocument: {
          hover: { contentFormat: ["markdown"] },
          completion: { completionItem: { snippetSupport: false } },
          documentSymbol: { hierarchicalDocumentSymbolSupport: true }
        }
      }
    })
    server.tell("initialized", {})
    return server
  }

  /** Opens a file as an editor does, and gives its text; `text` stands for what is typed and not saved. */
  async show(file: URL, text?: string): Promise<string> {
    const shown = text ?? (await readFile(file, "utf8"))
    this.tell("textDocument/didOpen", {
      textDocument: { uri: file.href, languageId: "typescript", version: 1, text: shown }
    })
    return shown
  }

  /** The code that is shown where the pointer rests, on one line. */
  async hover(file: URL, position: Position): Promise<string> {
    const answer = await this.ask("textDocument/hover", { textDocument: { uri: file.href }, position })
    const shown: string = answer?.contents?.value ?? ""
    return (/```\w*\n([\s\S]*?)\n```/.exec(shown)?.[1] ?? "").replaceAll(/\s*\n\s*/g, " ")
  }

  /** The labels that are offered at a place. */
  async completions(file: URL, position: Position): Promise<ReadonlyArray<string>> {
    const answer = await this.ask("textDocument/completion", { textDocument: { uri: file.href }, position })
    return (answer?.items ?? answer ?? []).map((item: { readonly label: string }) => item.label)
  }

  /** Names and places of what a file declares at its top level. */
  async declarations(file: URL): Promise<ReadonlyArray<{ readonly name: string; readonly at: Position }>> {
    const answer = await this.ask("textDocument/documentSymbol", { textDocument: { uri: file.href } })
    return (
      answer
        .map((symbol: { readonly name: string; readonly selectionRange: { readonly start: Position } }) => ({
          name: symbol.name,
          at: symbol.selectionRange.start
        }))
        // Callbacks are listed too, under names such as `runPromise() callback`.
        .filter(({ name }: { readonly name: string }) => /^[\w$]+$/.test(name))
    )
  }

  async close(): Promise<void> {
    const ended = new Promise((resolve) => this.process.once("exit", resolve))
    await this.ask("shutdown") // with params the server refuses it
    this.tell("exit")
    const timer = setTimeout(() => this.process.kill("SIGKILL"), 2_000)
    await ended
    clearTimeout(timer)
  }

  // ── The protocol ─────────────────────────────────────────────────────────────────────────────────────────────────

  private ask(method: string, params?: unknown): Promise<any> {
    const id = ++this.asked
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.questions.delete(id)
        const about = JSON.stringify(params)?.slice(0, 300)
        reject(new Error(`the language server did not answer ${method} within ${patience} ms: ${about}\n${this.log}`))
      }, patience)
      const settle =
        <A>(settled: (value: A) => void) =>
        (value: A) => {
          clearTimeout(timer)
          this.questions.delete(id)
          settled(value)
        }
      this.questions.set(id, { resolve: settle(resolve), reject: settle(reject) })
      this.send({ id, method, ...(params === undefined ? {} : { params }) })
    })
  }

  private tell(method: string, params?: unknown): void {
    this.send({ method, ...(params === undefined ? {} : { params }) })
  }

  private send(message: object): void {
    const body = JSON.stringify({ jsonrpc: "2.0", ...message })
    this.process.stdin!.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
  }

  private receive(chunk: Buffer): void {
    this.received = Buffer.concat([this.received, chunk])
    for (;;) {
      const end = this.received.indexOf("\r\n\r\n")
      if (end < 0) return
      const length = Number(/Content-Length: (\d+)/i.exec(this.received.toString("ascii", 0, end))?.[1])
      if (this.received.length < end + 4 + length) return
      const body = this.received.toString("utf8", end + 4, end + 4 + length)
      this.received = this.received.subarray(end + 4 + length)
      this.handle(JSON.parse(body))
    }
  }

  private handle(message: { id?: number; method?: string; result?: unknown; error?: { message: string } }): void {
    if (message.method !== undefined) {
      // What the server asks of an editor: nothing that we have an opinion about.
      if (message.id !== undefined) this.send({ id: message.id, result: null })
      return
    }
    const question = this.questions.get(message.id!)
    if (message.error === undefined) question?.resolve(message.result)
    else question?.reject(new Error(`the language server refused: ${message.error.message}`))
  }

  private giveUp(why: string): void {
    for (const question of this.questions.values()) {
      question.reject(new Error(`the language server ${why}\n${this.log}`))
    }
  }
}
