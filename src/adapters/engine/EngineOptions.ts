/**
 * What an engine is told when it is opened.
 */
export interface EngineOptions {
  /** The largest payload, input or result, in characters. */
  readonly limit: number
  /** How many executions that were found unfinished are in memory at once. */
  readonly recovering: number
  /** How long an execution that only waits stays in memory, in milliseconds. */
  readonly lingering: number
  /** How long running steps may take to come to their record when something closes, in milliseconds. */
  readonly grace: number
}
