import { defineConfig } from "vitest/config"

// `firebreak` is imported by its own name, from source: the condition must reach both vitest's resolver and Node's.
const conditions = ["firebreak-source"]
export default defineConfig({
  test: { include: ["test/**/*.test.ts"] },
  ssr: {
    resolve: {
      conditions: [...conditions, "module", "node", "development|production"],
      externalConditions: [...conditions, "node"]
    }
  }
})
