/** What it costs on this machine to have something on the disk: the floor below every durable figure. */
import { closeSync, fdatasyncSync, openSync, rmSync, writeSync } from "node:fs"
import path from "node:path"
import { median } from "./statistics.ts"

/** The median of 500 times: write 4 kB to a file in `folder`, and `fdatasync` it. In milliseconds. */
export const fdatasyncTime = (folder: string): number => {
  const file = path.join(folder, `fdatasync-${process.pid}`)
  const descriptor = openSync(file, "w")
  const page = Buffer.alloc(4096, 1)
  try {
    const times = Array.from({ length: 500 }, (_, at) => {
      const began = performance.now()
      // Over and over in the same megabyte, as a write-ahead log does: a file that grows costs more.
      writeSync(descriptor, page, 0, page.length, (at % 256) * page.length)
      fdatasyncSync(descriptor)
      return performance.now() - began
    })
    return median(times)
  } finally {
    closeSync(descriptor)
    rmSync(file)
  }
}
