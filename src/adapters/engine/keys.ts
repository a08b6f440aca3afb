/**
 * Digests: of payloads, of executions, and the keys that make an outside call harmless to repeat.
 *
 * The special rule: a key is made of the journal, the execution, the step and how often it was refused or taken back
 * before, each with its length, so that no two calls share one by accident. Where a step stands among the jobs is not in
 * it: moving a step into another job must not charge twice.
 */
import { createHash, hash } from "node:crypto"
import type * as Workflow from "effect/workflow/Workflow"
import type { StepKey } from "../../workflows/StepKey.ts"

/** sha256 in hex. */
export const digestOf = (text: string): string => hash("sha256", text, "hex")

/** The id that Effect gives an execution: the same bytes, without waiting for WebCrypto. */
export const executionIdOf = (workflow: Workflow.Any, payload: unknown): string =>
  digestOf(`${workflow._tag.length}:${workflow._tag}:${workflow.idempotencyKey(payload)}`).slice(0, 32)

export interface KeyParts {
  readonly namespace: string
  readonly execution: string
  readonly step: string
  /** What tells several calls of the same step apart. */
  readonly key: string | null
  readonly generation: number
  /** An undo is a step of its own. */
  readonly isUndo: boolean
}

export const stepKeyOf = ({ execution, generation, isUndo, key, namespace, step }: KeyParts): StepKey => {
  const parts = [
    namespace,
    execution,
    step,
    key ?? "",
    String(generation),
    isUndo ? "undo" : "do",
    key === null ? "" : "key"
  ]
  let text = ""
  for (const part of parts) text += `${part.length}:${part}`
  return digestOf(text) as StepKey // sound: a sha256 in hex is what the brand asks for
}

export const sha256Bytes = (data: Uint8Array): ArrayBuffer => {
  const bytes = createHash("sha256").update(data).digest()
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer // sound: Node's digests are not shared memory
}
