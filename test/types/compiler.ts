/**
 * The real compiler, and the wrong programs it is asked about.
 *
 * A file of wrong programs is divided by title lines; the line that must be refused carries a mark. One compiler process
 * answers for all of them.
 *
 * Not here: what the compiler is expected to say (`refused.txt`).
 */
import { execFile } from "node:child_process"
import { readdir, readFile } from "node:fs/promises"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("../..", import.meta.url))

export interface Diagnostic {
  readonly file: string
  readonly line: number
  /** The code and the whole message, with the chain of reasons below it. */
  readonly message: string
}

export interface WrongProgram {
  readonly file: string
  readonly title: string
  readonly firstLine: number
  readonly lines: ReadonlyArray<string>
}

const title = /^\/\/ ── (.*) ──$/
const mark = "// ✗"

/** Runs the compiler on a project. */
export const compile = async (project: string, ...flags: ReadonlyArray<string>) => {
  const output = await new Promise<string>((resolve, reject) =>
    execFile(
      process.execPath,
      ["node_modules/typescript/bin/tsc", "-p", project, "--pretty", "false", ...flags],
      { cwd: root, timeout: 280_000, maxBuffer: 64 * 1024 * 1024 },
      // Exit codes 1 and 2 say that there are diagnostics; anything else is no answer.
      (error, stdout, stderr) =>
        error === null || error.code === 1 || error.code === 2
          ? resolve(stdout)
          : reject(new Error(`the compiler did not answer: ${error.message}\n${stderr}`))
    )
  )
  return { output, diagnostics: diagnosticsIn(output) }
}

const diagnosticsIn = (output: string): ReadonlyArray<Diagnostic> => {
  const found: Array<{ file: string; line: number; message: string }> = []
  for (const text of output.split("\n")) {
    const [, file, line, message] = /^(.*)\((\d+),\d+\): error (TS\d+: .*)$/.exec(text) ?? []
    if (file !== undefined) found.push({ file: file.split("/").at(-1)!, line: Number(line), message: message! })
    else if (text.startsWith("  ") && found.length > 0) found.at(-1)!.message += `\n${text}`
    else if (text !== "" && !/^\S+: +[\d.]/.test(text)) throw new Error(`not a diagnostic: ${text}`)
  }
  return found
}

/** The wrong programs in a folder. */
export const wrongProgramsIn = async (folder: URL): Promise<ReadonlyArray<WrongProgram>> => {
  const programs: Array<{ file: string; title: string; firstLine: number; lines: Array<string> }> = []
  const files = (await readdir(folder)).filter((file) => file.endsWith(".ts")).toSorted()
  for (const file of files) {
    const text = await readFile(new URL(file, folder), "utf8")
    for (const [index, line] of text.split("\n").entries()) {
      const opened = title.exec(line)?.[1]
      if (opened !== undefined) programs.push({ file, title: opened, firstLine: index + 1, lines: [] })
      if (programs.at(-1)?.file === file) programs.at(-1)!.lines.push(line)
    }
  }
  return programs
}

/** What the compiler says about one program, below each line it refuses. */
export const answerTo = (program: WrongProgram, diagnostics: ReadonlyArray<Diagnostic>): string =>
  diagnosticsOf(program, diagnostics)
    .map(({ line, message }, index, all) => {
      const code = program.lines[line - program.firstLine]!.replace(mark, "").trim()
      return line === all[index - 1]?.line ? message : `> ${code}\n${message}`
    })
    .join("\n")

/** The lines that are refused without carrying the mark, or carry it and are not refused. */
export const misplaced = (program: WrongProgram, diagnostics: ReadonlyArray<Diagnostic>): ReadonlyArray<string> => {
  const refused = new Set(diagnosticsOf(program, diagnostics).map(({ line }) => line - program.firstLine))
  return program.lines.filter((line, index) => line.endsWith(mark) !== refused.has(index))
}

const diagnosticsOf = (program: WrongProgram, diagnostics: ReadonlyArray<Diagnostic>) =>
  diagnostics.filter(
    ({ file, line }) =>
      file === program.file && line >= program.firstLine && line < program.firstLine + program.lines.length
  )
