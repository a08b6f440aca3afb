/**
 * A library built on scopes can be published: everything that is inferred can be named in its declaration file.
 *
 * `library.txt` is the reviewed declaration file of `library/library.ts`; `FIREBREAK_WRITE=1` writes it anew.
 */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, it } from "@effect/vitest"
import { compile } from "./compiler.ts"

const reviewed = new URL("library.txt", import.meta.url)

it("declares functions that return scopes, jobs and launches by their names", async () => {
  const folder = await mkdtemp(join(tmpdir(), "firebreak-declarations-"))
  try {
    const { diagnostics } = await compile("test/types/library", "--outDir", folder)
    assert.deepStrictEqual(diagnostics, [])
    const declared = await readFile(join(folder, "test/types/library/library.d.ts"), "utf8")
    if (process.env["FIREBREAK_WRITE"] === "1") await writeFile(reviewed, declared)
    assert.strictEqual(declared, await readFile(reviewed, "utf8"))
  } finally {
    await rm(folder, { recursive: true })
  }
})
