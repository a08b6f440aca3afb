/**
 * Starting a child process for one measurement, and hearing what it has to say.
 *
 * A child ends when its standard input does, so none outlives the bench, however that ends.
 */
import { type ChildProcess, spawn } from "node:child_process"
import { fileURLToPath } from "node:url"

const alive = new Set<ChildProcess>()
process.once("exit", () => alive.forEach((each) => each.kill("SIGKILL")))

/** No child takes nearly as long; one that does hangs. In milliseconds. */
const patience = 300_000

/**
 * Runs `program` with one JSON argument to its end; gives the JSON lines that it printed. It has to end well, or by the
 * signal that is expected of it.
 */
export const child = <Answer>(
  program: URL,
  task: unknown,
  flags: ReadonlyArray<string> = [],
  endsBy: NodeJS.Signals | null = null
): Promise<Array<Answer>> =>
  new Promise((resolve, reject) => {
    const ours = ["--conditions=firebreak-source", "--expose-gc", ...flags]
    const running = spawn(process.execPath, [...ours, fileURLToPath(program), JSON.stringify(task)], {
      stdio: ["pipe", "pipe", "pipe"]
    })
    let [said, complained] = ["", ""]
    running.stdout.setEncoding("utf8").on("data", (text: string) => (said += text))
    running.stderr.setEncoding("utf8").on("data", (text: string) => (complained += text))
    alive.add(running)
    const overdue = setTimeout(() => running.kill("SIGTERM"), patience)
    running.on("error", reject)
    running.on("close", (code, signal) => {
      clearTimeout(overdue)
      alive.delete(running)
      if (endsBy === null ? code === 0 : signal === endsBy) {
        // Each child prints answers of the type that its caller asks for, and nothing else that begins with a brace.
        return resolve(
          said
            .split("\n")
            .filter((line) => line.startsWith("{"))
            .map((line) => JSON.parse(line) as Answer)
        )
      }
      const how = signal === null ? `exit code ${code}` : signal
      reject(new Error(`the child process for ${JSON.stringify(task)} ended with ${how}:\n${said}${complained}`))
    })
  })

/** In a child: ends the process as soon as the bench is gone. */
export const endWithTheBench = (): void => {
  process.stdin.on("end", () => process.exit(1)).resume()
}
