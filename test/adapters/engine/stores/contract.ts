/**
 * The laws that every store of a journal obeys, each named as a promise of `Store`, `Reader`, `Inbox` or `Visitor`.
 *
 * The special rule: one book of laws for memory, SQLite and PostgreSQL. What differs between them is in
 * `JournalUnderTest`, and it is little.
 *
 * Not here: the faults of one kind of store, which are tested beside it.
 */
import { describe } from "@effect/vitest"
import { askingLaws } from "./contract/asking.ts"
import type { MakeJournal } from "./contract/JournalUnderTest.ts"
import { modelLaws } from "./contract/model.ts"
import { owningLaws } from "./contract/owning.ts"
import { readingLaws } from "./contract/reading.ts"
import { removingLaws } from "./contract/removing.ts"
import { writingLaws } from "./contract/writing.ts"

export type { JournalUnderTest, MakeJournal } from "./contract/JournalUnderTest.ts"

export const storeLaws = (name: string, makeJournal: MakeJournal) =>
  describe(`a journal in ${name}`, () => {
    writingLaws(makeJournal)
    owningLaws(makeJournal)
    readingLaws(makeJournal)
    removingLaws(makeJournal)
    askingLaws(makeJournal)
    modelLaws(makeJournal)
  })
