/**
 * The tables of the simulated world. They can be read with plain SQL while a run is under way.
 *
 * The special rule: `ledger` says what really happened, and a line in it is written once: money taken and given back,
 * goods put aside and put back, letters. The other tables say how things stand.
 */

/** Written into the file, so that no other database is taken for this one. */
export const application = 0x46_62_4f_75
export const version = 1

export const schema = `
  CREATE TABLE requests (         -- everything that was asked, also what found nobody
    n        INTEGER PRIMARY KEY,
    at       INTEGER NOT NULL,    -- milliseconds since 1970
    place    TEXT NOT NULL,       -- such as payment.confirm
    key      TEXT NOT NULL,       -- the idempotency key; for a look, what was looked for
    order_id TEXT NOT NULL,
    asked    TEXT NOT NULL,       -- JSON
    fault    TEXT,                -- what went wrong with it on purpose
    answer   TEXT                 -- JSON; null as long as nothing was answered
  ) STRICT;
  CREATE INDEX requests_by_key ON requests (key, place);
  CREATE INDEX requests_by_order ON requests (order_id, place);

  CREATE TABLE payments (
    id        TEXT PRIMARY KEY,
    order_id  TEXT NOT NULL,
    minor     INTEGER NOT NULL,   -- the amount, in the smallest unit of the currency
    currency  TEXT NOT NULL,
    method    TEXT NOT NULL,
    status    TEXT NOT NULL CHECK (status IN ('open', 'taken', 'declined', 'voided')),
    because   TEXT,               -- why it was declined
    opened_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE stock (
    sku       TEXT PRIMARY KEY,
    initial   INTEGER NOT NULL,
    available INTEGER NOT NULL CHECK (available >= 0)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE reservations (
    id       TEXT PRIMARY KEY,
    order_id TEXT NOT NULL,
    status   TEXT NOT NULL CHECK (status IN ('held', 'released')),
    goods    TEXT NOT NULL        -- JSON: how many of each SKU
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE ledger (
    n        INTEGER PRIMARY KEY,
    at       INTEGER NOT NULL,
    what     TEXT NOT NULL,       -- charged, refunded, reserved, released, told: received, told: refused
    order_id TEXT NOT NULL,
    ref      TEXT NOT NULL,       -- the payment, the reservation, or the key of a letter
    minor    INTEGER,
    currency TEXT,
    to_whom  TEXT
  ) STRICT;
  CREATE UNIQUE INDEX ledger_once ON ledger (what, ref);

  PRAGMA application_id = ${application};
  PRAGMA user_version = ${version};
`
