import { defineConfig } from "vitest/config"

// `firebreak` is imported by its own name, from source: the condition must reach both vitest's resolver and Node's.
const conditions = ["firebreak-source"]
export default defineConfig({
  // Generous: a machine that does something else besides is no reason to fail.
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/support/postgresOfTheRun.ts"],
    testTimeout: 120_000,
    hookTimeout: 120_000
  },
  ssr: {
    resolve: {
      conditions: [...conditions, "module", "node", "development|production"],
      externalConditions: [...conditions, "node"]
    }
  }
})
