/**
 * Firebreak: failure boundaries that the type checker enforces, and orders that run inside of them. Table of contents.
 */
export * from "./supervision/index.ts"
export * from "./workflows/index.ts"
