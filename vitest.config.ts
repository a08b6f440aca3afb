import { availableParallelism } from "node:os"
import { defineConfig } from "vitest/config"
import { BaseSequencer, type TestSpecification } from "vitest/node"

// `firebreak` is imported by its own name, from source: the condition must reach both vitest's resolver and Node's.
const conditions = ["firebreak-source"]

/** What takes longest begins first, so that nobody waits for it alone at the end. */
const longest = [
  /engine\/laws\/postgres/,
  /engine\/laws\/sqlite/,
  /engine\/crash/,
  /cli\/crash/,
  /engine\/laws\//,
  /\/cli\//
]
class LongestFirst extends BaseSequencer {
  override async sort(files: Array<TestSpecification>): Promise<Array<TestSpecification>> {
    const place = ({ moduleId }: TestSpecification) => {
      const found = longest.findIndex((pattern) => pattern.test(moduleId))
      return found < 0 ? longest.length : found
    }
    return (await super.sort(files)).toSorted((one, other) => place(one) - place(other))
  }
}

/** Where files keep nothing that others could find, they share a process: loading Effect takes longer than most of them. */
const sharing = ["supervision", "kotlin", "cli", "house", "types", "support", "examples"]
const within = (folders: ReadonlyArray<string>) =>
  folders.flatMap((folder) => [`test/${folder}/**/*.test.ts`, `test/${folder}.test.ts`])

const settings = {
  // Generous: a machine that does something else besides is no reason to fail.
  testTimeout: 300_000,
  hookTimeout: 300_000
}
const ssr = {
  resolve: {
    conditions: [...conditions, "module", "node", "development|production"],
    externalConditions: [...conditions, "node"]
  }
}

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    globalSetup: ["test/support/roomOfTheRun.ts", "test/support/postgresOfTheRun.ts"],
    // Many tests wait for processes and disks: by default a core would stand idle.
    maxWorkers: Math.max(3, availableParallelism()),
    projects: [
      { ssr, test: { ...settings, name: "apart", include: ["test/**/*.test.ts"], exclude: within(sharing) } },
      { ssr, test: { ...settings, name: "sharing", include: within(sharing), isolate: false } }
    ]
  }
})
