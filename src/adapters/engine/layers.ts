/**
 * The layers of a journal, by where it is kept.
 */
import type { Layer } from "effect"
import type * as WorkflowEngine from "effect/workflow/WorkflowEngine"
import type { Journal } from "./Journal.ts"
import { journalLayer, type JournalOptions } from "./openJournal.ts"
import { makeMemoryData, type MemoryData } from "./stores/memory/MemoryData.ts"
import { makeMemoryStore } from "./stores/memory/makeMemoryStore.ts"
import type { JournalUnusable } from "./Store.ts"

type JournalLayer = Layer.Layer<Journal | WorkflowEngine.WorkflowEngine, JournalUnusable>

/** In memory: for tests and for trying things out. What outlives the layer is `data`. */
export const layerMemory = (options: JournalOptions & { readonly data?: MemoryData } = {}): JournalLayer =>
  journalLayer(makeMemoryStore(options.data ?? makeMemoryData()), options)
