-- The schema of the first version, as it was released. Never change this file: databases like it exist.
CREATE TABLE meta (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT;

CREATE TABLE login (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  server TEXT NOT NULL,
  passport TEXT NOT NULL,
  passport_key TEXT NOT NULL,
  owner TEXT NOT NULL,
  password BLOB,
  wanted_status TEXT NOT NULL DEFAULT 'NLN',
  management_room TEXT,
  UNIQUE (owner, server, passport_key)
) STRICT;

CREATE TABLE ghost (
  server TEXT NOT NULL,
  passport TEXT NOT NULL,
  user_id TEXT NOT NULL UNIQUE,
  registered INTEGER NOT NULL DEFAULT 0 CHECK (registered IN (0, 1)),
  name TEXT,
  avatar_hash TEXT,
  PRIMARY KEY (server, passport)
) STRICT;

CREATE TABLE management_room (
  room_id TEXT PRIMARY KEY,
  owner TEXT NOT NULL
) STRICT;

CREATE TABLE notice (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  owner TEXT NOT NULL,
  room_id TEXT,
  reply_to TEXT,
  body TEXT NOT NULL
) STRICT;

CREATE TABLE said (
  room_id TEXT NOT NULL,
  what TEXT NOT NULL,
  PRIMARY KEY (room_id, what)
) STRICT;

CREATE TABLE portal (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  login_id INTEGER NOT NULL REFERENCES login (id) ON DELETE CASCADE,
  kind TEXT NOT NULL CHECK (kind IN ('direct', 'group')),
  remote TEXT NOT NULL,
  room_id TEXT UNIQUE,
  creating INTEGER,
  UNIQUE (login_id, kind, remote)
) STRICT;

CREATE TABLE journal (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  direction TEXT NOT NULL CHECK (direction IN ('to-msn', 'to-matrix')),
  event_id TEXT UNIQUE,
  room_id TEXT,
  portal_id INTEGER REFERENCES portal (id) ON DELETE SET NULL,
  body BLOB,
  txn_id TEXT UNIQUE,
  state TEXT NOT NULL
    CHECK (state IN ('accepted', 'sending', 'delivered', 'failed', 'uncertain', 'skipped')),
  reason TEXT,
  attempts INTEGER NOT NULL DEFAULT 0,
  created INTEGER NOT NULL,
  updated INTEGER NOT NULL,
  CHECK ((body IS NOT NULL) = (state IN ('accepted', 'sending')))
) STRICT;

CREATE INDEX journal_open ON journal (direction, id) WHERE state IN ('accepted', 'sending');
CREATE INDEX journal_next ON journal (portal_id, direction, id) WHERE state IN ('accepted', 'sending');
CREATE INDEX journal_portal ON journal (portal_id) WHERE portal_id IS NOT NULL;
PRAGMA user_version = 1;
PRAGMA application_id = 0x4d534e42;

INSERT INTO meta (key, value) VALUES ('instance', '0123456789ab');
INSERT INTO login (server, passport, passport_key, owner, password)
  VALUES ('one', 'Anna@hotmail.com', 'anna@hotmail.com', '@anna:example.org', x'01');
INSERT INTO ghost (server, passport, user_id, registered, name)
  VALUES ('one', 'bob@hotmail.com', '@msn_one_bob=40hotmail.com:example.org', 1, 'Bob');
INSERT INTO management_room (room_id, owner) VALUES ('!bot:example.org', '@anna:example.org');
INSERT INTO portal (login_id, kind, remote, room_id) VALUES (1, 'direct', 'bob@hotmail.com', '!bob:example.org');
INSERT INTO journal (direction, event_id, room_id, portal_id, body, state, created, updated)
  VALUES ('to-msn', '$one', '!bob:example.org', 1, x'01', 'accepted', 1767225600000, 1767225600000);
INSERT INTO journal (direction, portal_id, txn_id, state, created, updated)
  VALUES ('to-matrix', 1, 'msn-0123456789ab-2', 'delivered', 1767225600000, 1767225600000);
