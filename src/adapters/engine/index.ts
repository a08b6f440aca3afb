/**
 * Durable executions: a journal, where it is kept, and what can be asked of it. Table of contents.
 */
export {
  DuplicateStep,
  ExecutionBlocked,
  ExecutionStuck,
  JournalLost,
  TooLarge,
  WorkflowNotRegistered,
  WorkflowUnusable
} from "./defects.ts"
export {
  ExecutionNotFound,
  Journal,
  type JournalVisit,
  NameAmbiguous,
  PayloadConflict,
  RequestRefused,
  type Rest,
  type Verdict
} from "./Journal.ts"
export { type JournalLayer, layerMemory, layerPostgres, layerSqlite, visitPostgres, visitSqlite } from "./layers.ts"
export { adoptCopy, markCopy, type Moved, moveJournal, MoveRefused } from "./moving/moveJournal.ts"
export type { JournalPlace } from "./moving/Side.ts"
export { type JournalOptions, journalLayer } from "./openJournal.ts"
export {
  JournalUnusable,
  type ListFilter,
  OwnershipLost,
  type Status,
  StoreBroken,
  type StoreError,
  StoreUnavailable
} from "./Store.ts"
export type {
  CancelReceipt,
  ChildView,
  ExecutionHistory,
  ExecutionSummary,
  Pending,
  SignalView,
  StepState,
  StepView,
  TimerView,
  UndoState,
  Why
} from "./views.ts"
export { makeMemoryData, type MemoryData } from "./stores/memory/MemoryData.ts"
