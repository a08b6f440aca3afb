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

export default defineConfig({
  // Generous: a machine that does something else besides is no reason to fail.
  test: {
    sequence: { sequencer: LongestFirst },
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/support/postgresOfTheRun.ts"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Many tests wait for processes and disks: by default a core would stand idle.
    maxWorkers: Math.max(3, availableParallelism())
  },
  ssr: {
    resolve: {
      conditions: [...conditions, "module", "node", "development|production"],
      externalConditions: [...conditions, "node"]
    }
  }
})
