/**
 * The tables of a journal in SQLite. Their names and columns are public: read them with any SQLite client.
 *
 * Times are milliseconds since 1970 (`datetime(started_at / 1000, 'unixepoch')` shows one); `payload`, `outcome`, `why`
 * and `data` are JSON. Numbers (`seq`, `n`) are given out by the owner and never used again.
 *
 * The special rule: a layout that was released is never changed. A new one is added at the end, with what leads to it
 * from the one before, and a file of the old layout is kept as a fixture.
 *
 * Not here: applying them (`layout.ts`), and the file in which requests are left (`sqliteInbox.ts`).
 */

export interface Layout {
  /** The first version of this package that knows it. */
  readonly since: string
  /** What turns the layout before into this one. */
  readonly steps: string
}

const first = `
-- The journal as a whole: one row.
CREATE TABLE firebreak_journal (
  one        INTEGER PRIMARY KEY CHECK (one = 1),
  layout     INTEGER NOT NULL,  -- number of the layout of these tables
  needs      TEXT NOT NULL,     -- the first version of firebreak that knows that layout
  namespace  TEXT NOT NULL,     -- part of every idempotency key; a copy has the same
  created_at INTEGER NOT NULL,
  file       TEXT,              -- which file it was kept in last: device, inode, birth
  is_copy    INTEGER NOT NULL   -- 1 from when it was found to be a copy, or restored, until somebody says otherwise
) STRICT;

-- Who may write: one row for each shard (there is one so far). Each batch changes it, and fails under another epoch.
CREATE TABLE firebreak_owner (
  shard INTEGER PRIMARY KEY,
  epoch INTEGER NOT NULL,       -- rises with each owner
  batch INTEGER NOT NULL,       -- the last batch that was committed under that epoch
  owner TEXT,                   -- process, host and program, in words
  since INTEGER                 -- when it became the owner
) STRICT;

-- Executions: one row each, as it is now. A removed one is a tombstone: no payload, no events.
CREATE TABLE firebreak_executions (
  seq        INTEGER PRIMARY KEY,
  id         TEXT NOT NULL,
  workflow   TEXT NOT NULL,
  name       TEXT NOT NULL,     -- what people call it, such as the id of an order
  status     TEXT NOT NULL,     -- running suspended undoing stuck blocked; at the end completed refused failed cancelled
  started_at INTEGER NOT NULL,
  changed_at INTEGER NOT NULL,
  ended_at   INTEGER,
  wake_at    INTEGER,           -- when one that waits is to be woken
  removed_at INTEGER,
  parent     TEXT,              -- id of the execution that it is a child of
  digest     TEXT NOT NULL,     -- sha256 of the payload
  outcome    TEXT,
  why        TEXT,
  payload    TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX firebreak_executions_id ON firebreak_executions (id);
CREATE INDEX firebreak_executions_name ON firebreak_executions (name);
-- Lists, counts, what is unfinished and what is old enough to go are all answered from this one.
CREATE INDEX firebreak_executions_status ON firebreak_executions (status, seq, started_at, ended_at, workflow)
  WHERE removed_at IS NULL;
CREATE INDEX firebreak_executions_due ON firebreak_executions (wake_at) WHERE wake_at IS NOT NULL;

-- Events: what happened in each execution, in order. Written once, never changed.
CREATE TABLE firebreak_events (
  execution INTEGER NOT NULL,   -- seq of the execution
  n         INTEGER NOT NULL,   -- its place, from 1
  kind      TEXT NOT NULL,
  subject   TEXT,               -- the step (name, or name/key), timer, signal or child
  call      INTEGER,            -- n of the event that began what this one continues
  at        INTEGER NOT NULL,
  data      TEXT,
  PRIMARY KEY (execution, n)
) STRICT, WITHOUT ROWID;

-- Steps, for people: each with what it came to, and how far its undo is.
CREATE VIEW firebreak_steps AS
SELECT
  x.id, x.workflow, x.name, x.status, s.subject AS step, s.execution, s.n AS call,
  s.at AS started_at,
  1 + (SELECT count(*) FROM firebreak_events e WHERE e.execution = s.execution AND e.call = s.n AND e.kind = 'attempt') AS attempts,
  coalesce((SELECT e.kind FROM firebreak_events e WHERE e.execution = s.execution AND e.call = s.n AND e.kind NOT LIKE 'undo%'
    AND e.kind NOT IN ('attempt', 'verdict') ORDER BY e.n DESC LIMIT 1), 'running') AS state,
  (SELECT e.kind FROM firebreak_events e WHERE e.execution = s.execution AND e.call = s.n AND e.kind LIKE 'undo%'
    ORDER BY e.n DESC LIMIT 1) AS undo,
  json_extract(s.data, '$.in') AS input,
  (SELECT e.data FROM firebreak_events e WHERE e.execution = s.execution AND e.call = s.n
    AND e.kind IN ('done', 'refused', 'gave-up', 'left', 'not-done') ORDER BY e.n DESC LIMIT 1) AS result
FROM firebreak_events s JOIN firebreak_executions x ON x.seq = s.execution
WHERE s.kind = 'step';
`

/** All layouts there have been, the oldest first. The number of a layout is its place, from 1. */
export const layouts: ReadonlyArray<Layout> = [{ since: "0.1.0", steps: first }]
