-- The first schema. Ids come from the core, ascending; times are milliseconds, UTC; small integers
-- name enums of core/base/enums.def. In columns that refer to something, NULL and 0 both mean none.
-- What grows for ever is written in append order; queries of the flow and of the reader each have
-- their index here, and partial ones hold only what is still open.

-- ---- heard ----
CREATE TABLE space (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;

CREATE TABLE connection (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, plugin TEXT, space INT, live_from INT,
  state INT, reason TEXT, epoch INT
) STRICT;

CREATE TABLE interaction (
  id INTEGER PRIMARY KEY, space INT NOT NULL, native TEXT NOT NULL,
  kind INT, share INT, origin INT, connection INT,   -- connection of the first sighting
  author INT, parent INT, target INT,                -- parent, target: interactions, maybe stubs
  said_at INT, heard_at INT, visibility INT, state INT,
  said INT, last INT,                                -- journal.seq of the current text, of the newest row
  version INT, prev_by_author INT,                   -- the author's timeline as a chain
  title TEXT, url TEXT, lang TEXT, caps BLOB
) STRICT;
CREATE UNIQUE INDEX interaction_key ON interaction(space, native);

-- Further connections that saw the same interaction; the first one stands in its row.
CREATE TABLE sighting (
  interaction INT NOT NULL, connection INT NOT NULL, PRIMARY KEY (interaction, connection)
) STRICT, WITHOUT ROWID;

-- Everything that a policy may have to decide about, in order, never changed. `prev` is the
-- earlier row of the same interaction, so revisions are a chain from interaction.last.
CREATE TABLE journal (
  seq INTEGER PRIMARY KEY, at INT NOT NULL, kind INT NOT NULL, contact INT, interaction INT,
  prev INT, rev INT, action INT, kase INT, actor TEXT, digest INT, text TEXT, body BLOB,
  seg INT, off INT
) STRICT;

-- ---- decided ----
-- The key is the journal's seq: a second decision is a key conflict.
CREATE TABLE decision (
  seq INTEGER PRIMARY KEY, at INT NOT NULL, generation INT, status INT NOT NULL, rule TEXT,
  tone INT, scores BLOB, facts BLOB, result BLOB, trace INT
) STRICT;
CREATE INDEX decision_negative ON decision(at) WHERE tone = 3;
CREATE INDEX decision_held ON decision(seq) WHERE status IN (4, 5);

-- ---- to do ----
CREATE TABLE action (
  id INTEGER PRIMARY KEY, seq INT, interaction INT NOT NULL, rev INT, verb INT NOT NULL,
  slot INT NOT NULL, connection INT, contact INT, kase INT, kase_version INT, state INT NOT NULL,
  due INT NOT NULL, attempt INT, epoch INT, lease_until INT, sent_at INT, text_hash INT, native TEXT,
  reason TEXT, actor TEXT, body BLOB
) STRICT;
-- Nothing is said twice: failed, stale, moot and withdrawn rows free the key.
CREATE UNIQUE INDEX action_once ON action(interaction, verb, slot) WHERE state NOT IN (6, 7, 8, 9);
CREATE INDEX action_over   ON action(interaction)         WHERE state IN (6, 7, 8, 9);
CREATE INDEX action_ready  ON action(connection, due)     WHERE state = 1;
CREATE INDEX action_doubt  ON action(state, connection)   WHERE state IN (0, 2, 3, 5);
CREATE INDEX action_sent   ON action(connection, sent_at) WHERE sent_at > 0;
CREATE INDEX action_to     ON action(contact, sent_at)    WHERE sent_at > 0;
CREATE INDEX action_native ON action(connection, native)  WHERE native IS NOT NULL;
CREATE INDEX action_kase   ON action(kase)                WHERE kase > 0;

CREATE TABLE kase (
  id INTEGER PRIMARY KEY, contact INT NOT NULL, department TEXT, owner TEXT, state INT NOT NULL,
  version INT NOT NULL, opened_seq INT, last_seq INT, waiting_since INT, due INT, left_ms INT,
  reason TEXT
) STRICT;
CREATE INDEX kase_inbox ON kase(department, due) WHERE state < 3;  -- open, pending, snoozed
CREATE INDEX kase_contact ON kase(contact) WHERE state < 4;        -- all that are not closed

CREATE TABLE kase_entry (
  kase INT NOT NULL, seq INT NOT NULL, interaction INT, PRIMARY KEY (kase, seq)
) STRICT, WITHOUT ROWID;

-- Fires only while the subject still has that version.
CREATE TABLE timer (
  id INTEGER PRIMARY KEY, shard INT, due INT NOT NULL, kind INT NOT NULL, subject INT, version INT,
  name TEXT
) STRICT;
CREATE INDEX timer_due ON timer(due);

-- ---- who ----
CREATE TABLE author (
  id INTEGER PRIMARY KEY, space INT NOT NULL, native TEXT NOT NULL, contact INT NOT NULL, name TEXT,
  url TEXT, reach INT, last_interaction INT, UNIQUE (space, native)
) STRICT;
CREATE INDEX author_contact ON author(contact);

CREATE TABLE contact (
  id INTEGER PRIMARY KEY, shard INT, relationship INT NOT NULL, influencer INT, version INT NOT NULL,
  first_at INT, first_seq INT, last_seq INT, spoke INT, replied_at INT
) STRICT;

-- Append only: an undo is a row that names what it undoes.
CREATE TABLE link (
  id INTEGER PRIMARY KEY, seq INT, author INT NOT NULL, from_contact INT, to_contact INT, method TEXT,
  confidence INT, undoes INT
) STRICT;
CREATE INDEX link_author ON link(author);

-- State of policies; scope: contact or case.
CREATE TABLE cell (
  scope INT NOT NULL, subject INT NOT NULL, name TEXT NOT NULL, value INT, expires INT,
  PRIMARY KEY (scope, subject, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE tag (
  interaction INT NOT NULL, name TEXT NOT NULL, seq INT, PRIMARY KEY (interaction, name)
) STRICT, WITHOUT ROWID;

-- ---- counted ----
-- The ledger: who stands where with what. The tally is its GROUP BY, plus sums of sealed targets.
CREATE TABLE reaction (
  target INT NOT NULL, actor TEXT NOT NULL, class TEXT NOT NULL, value INT NOT NULL,
  version INT NOT NULL, hour INT NOT NULL, bucket INT NOT NULL, PRIMARY KEY (target, class, actor)
) STRICT, WITHOUT ROWID;

CREATE TABLE tally (
  target INT NOT NULL, class TEXT NOT NULL, hour INT NOT NULL, bucket INT NOT NULL, n INT NOT NULL,
  PRIMARY KEY (target, class, hour, bucket)
) STRICT, WITHOUT ROWID;

-- A platform's own totals, never added to events.
CREATE TABLE gauge (
  target INT NOT NULL, class TEXT NOT NULL, at INT NOT NULL, n INT NOT NULL,
  PRIMARY KEY (target, class, at)
) STRICT, WITHOUT ROWID;

-- ---- running ----
-- Work that a connector left for its next poll.
CREATE TABLE task (
  connection INT NOT NULL, key TEXT NOT NULL, body BLOB, due INT NOT NULL, attempts INT,
  PRIMARY KEY (connection, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX task_due ON task(connection, due);

CREATE TABLE cursor (
  connection INT NOT NULL, lane INT NOT NULL, name TEXT NOT NULL, value BLOB, at INT,
  PRIMARY KEY (connection, lane, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE segment (
  id INTEGER PRIMARY KEY, machine INT, opened_at INT, bytes INT, drained INT NOT NULL,
  state INT NOT NULL
) STRICT;
CREATE INDEX segment_open ON segment(id) WHERE state = 0;

CREATE TABLE generation (
  id INTEGER PRIMARY KEY, at INT NOT NULL, "by" TEXT, reason TEXT, state INT NOT NULL, manifest INT,
  report INT
) STRICT;
CREATE INDEX generation_active ON generation(id) WHERE state = 2;

CREATE TABLE fault (
  id INTEGER PRIMARY KEY, at INT NOT NULL, guest TEXT, call TEXT, connection INT, seq INT, seg INT,
  off INT, line INT, evidence TEXT, raw BLOB
) STRICT;

CREATE TABLE blob (id INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, data BLOB NOT NULL) STRICT;

-- 12-byte keyed hashes of erased or retired keys, for counting alone.
CREATE TABLE gone (key BLOB NOT NULL PRIMARY KEY, day INT NOT NULL) STRICT, WITHOUT ROWID;

CREATE TABLE meta (name TEXT NOT NULL PRIMARY KEY, value BLOB) STRICT, WITHOUT ROWID;
