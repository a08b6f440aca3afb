/**
 * The tables of a journal in PostgreSQL. Their names and columns are public: read them with any client.
 *
 * Times are milliseconds since 1970 (`to_timestamp(started_at / 1000.0)` shows one); `payload`, `outcome`, `why` and
 * `data` are JSON (`data::json`). Numbers (`seq`, `n`) are given out by the owner and never used again.
 *
 * The special rule: a layout that was released is never changed. A new one is added at the end, with what leads to it
 * from the one before.
 *
 * Not here: applying them (`layout.ts`).
 */

export interface Layout {
  /** The first version of this package that knows it. */
  readonly since: string
  /** What turns the layout before into this one, statement by statement. */
  readonly steps: ReadonlyArray<string>
}

const first = [
  // The journal as a whole: one row.
  `CREATE TABLE firebreak_journal (
     one        integer PRIMARY KEY CHECK (one = 1),
     layout     integer NOT NULL,  -- number of the layout of these tables
     needs      text NOT NULL,     -- the first version of firebreak that knows that layout
     namespace  text NOT NULL,     -- part of every idempotency key; a copy has the same
     created_at bigint NOT NULL,
     origin     text,              -- where it was kept last: server, database, table, timeline
     is_copy    boolean NOT NULL   -- from when it was found to be a copy, or restored, until somebody says otherwise
   )`,

  // Who may write: one row for each shard (there is one so far). Each commit locks it; commit.ts says why it is not
  // updated each time.
  `CREATE TABLE firebreak_owner (
     shard   integer PRIMARY KEY,
     epoch   bigint NOT NULL,      -- rises with each owner
     session bigint NOT NULL,      -- rises with each connection of that owner
     owner   text,                 -- process, host and program, in words
     since   bigint                -- when it became the owner
   ) WITH (fillfactor = 50)`,

  // Executions: one row each, as it is now. A removed one is a tombstone: no payload, no events.
  // (Keys compare as bytes: that is faster than by a language, and is the same on every system.)
  `CREATE TABLE firebreak_executions (
     seq        bigint PRIMARY KEY,
     id         text COLLATE "C" NOT NULL UNIQUE,
     workflow   text NOT NULL,
     name       text COLLATE "C" NOT NULL, -- what people call it, such as the id of an order
     status     text COLLATE "C" NOT NULL, -- running suspended undoing stuck blocked; at the end completed refused failed cancelled
     started_at bigint NOT NULL,
     changed_at bigint NOT NULL,
     ended_at   bigint,
     wake_at    bigint,            -- when one that waits is to be woken
     removed_at bigint,
     parent     text,              -- id of the execution that it is a child of
     digest     text NOT NULL,     -- sha256 of the payload
     outcome    text,
     why        text,
     payload    text NOT NULL
   ) WITH (fillfactor = 90)`,
  `CREATE INDEX firebreak_executions_name ON firebreak_executions (name)`,
  // What has completed is in none of these three, so they stay small.
  `CREATE INDEX firebreak_executions_unfinished ON firebreak_executions (seq) WHERE status IN ('running', 'undoing')`,
  `CREATE INDEX firebreak_executions_due ON firebreak_executions (wake_at, seq) WHERE wake_at IS NOT NULL`,
  `CREATE INDEX firebreak_executions_unusual ON firebreak_executions (status, seq)
     WHERE status NOT IN ('running', 'completed') AND removed_at IS NULL`,
  // What is old enough to go, and how many there are of each end.
  `CREATE INDEX firebreak_executions_ended ON firebreak_executions (status, ended_at)
     WHERE ended_at IS NOT NULL AND removed_at IS NULL`,

  // Events: what happened in each execution, in order. Written once, never changed.
  `CREATE TABLE firebreak_events (
     execution bigint NOT NULL,    -- seq of the execution
     n         integer NOT NULL,   -- its place, from 1
     kind      text NOT NULL,
     subject   text,               -- the step (name, or name/key), timer, signal or child
     call      integer,            -- n of the event that began what this one continues
     at        bigint NOT NULL,
     data      text,
     PRIMARY KEY (execution, n)
   )`,

  // Requests: what other processes want done. Answers stay for a week.
  `CREATE TABLE firebreak_requests (
     seq         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
     execution   text NOT NULL,    -- the id of the execution that it is about
     kind        text NOT NULL,    -- start cancel retry settle signal resume
     data        text NOT NULL,
     asked_at    bigint NOT NULL,
     answer      text,
     answered_at bigint
   )`,
  `CREATE INDEX firebreak_requests_pending ON firebreak_requests (seq) WHERE answer IS NULL`,

  // Steps, for people: each with what it came to, and how far its undo is.
  `CREATE VIEW firebreak_steps AS
   SELECT
     x.id, x.workflow, x.name, x.status, s.subject AS step, s.execution, s.n AS call,
     s.at AS started_at,
     1 + (SELECT count(*) FROM firebreak_events e WHERE e.execution = s.execution AND e.call = s.n AND e.kind = 'attempt') AS attempts,
     coalesce((SELECT e.kind FROM firebreak_events e WHERE e.execution = s.execution AND e.call = s.n AND e.kind NOT LIKE 'undo%'
       AND e.kind NOT IN ('attempt', 'verdict') ORDER BY e.n DESC LIMIT 1), 'running') AS state,
     (SELECT e.kind FROM firebreak_events e WHERE e.execution = s.execution AND e.call = s.n AND e.kind LIKE 'undo%'
       ORDER BY e.n DESC LIMIT 1) AS undo,
     s.data::json -> 'in' AS input,
     (SELECT e.data FROM firebreak_events e WHERE e.execution = s.execution AND e.call = s.n
       AND e.kind IN ('done', 'refused', 'gave-up', 'left', 'not-done') ORDER BY e.n DESC LIMIT 1) AS result
   FROM firebreak_events s JOIN firebreak_executions x ON x.seq = s.execution
   WHERE s.kind = 'step'`
]

/** All layouts there have been, the oldest first. The number of a layout is its place, from 1. */
export const layouts: ReadonlyArray<Layout> = [{ since: "0.1.0", steps: first }]
