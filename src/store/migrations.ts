/**
 * The schema, as the steps that lead to it; `user_version` counts the steps that were taken. Append only: databases
 * exist that have taken every step that was ever released, so none may be changed.
 */
export const MIGRATIONS: readonly string[] = [
  `
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
  `,
  // What the bot says can be about something, be changed afterwards and be answered with a reaction.
  `
  ALTER TABLE notice ADD COLUMN about TEXT;
  ALTER TABLE notice ADD COLUMN is_last INTEGER NOT NULL DEFAULT 0 CHECK (is_last IN (0, 1));
  ALTER TABLE notice ADD COLUMN answers TEXT;

  CREATE TABLE notice_event (
    about TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    room_id TEXT NOT NULL,
    event_id TEXT NOT NULL UNIQUE,
    answers TEXT
  ) STRICT;

  ALTER TABLE login ADD COLUMN status_policy TEXT CHECK (status_policy IN ('follow', 'manual', 'always'));

  ALTER TABLE portal ADD COLUMN title TEXT;
  ALTER TABLE portal ADD COLUMN active INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE portal ADD COLUMN dismissed INTEGER NOT NULL DEFAULT 0 CHECK (dismissed IN (0, 1));

  CREATE TABLE portal_member (
    portal_id INTEGER NOT NULL REFERENCES portal (id) ON DELETE CASCADE,
    passport TEXT NOT NULL,
    PRIMARY KEY (portal_id, passport)
  ) STRICT, WITHOUT ROWID;

  CREATE INDEX portal_remote ON portal (remote);
  CREATE INDEX portal_member_passport ON portal_member (passport);

  CREATE TABLE space (
    login_id INTEGER NOT NULL REFERENCES login (id) ON DELETE CASCADE,
    contact_group TEXT NOT NULL,
    room_id TEXT UNIQUE,
    creating INTEGER,
    name TEXT,
    declined INTEGER NOT NULL DEFAULT 0 CHECK (declined IN (0, 1)),
    PRIMARY KEY (login_id, contact_group)
  ) STRICT;

  CREATE TABLE space_child (
    space TEXT NOT NULL REFERENCES space (room_id) ON DELETE CASCADE,
    room_id TEXT NOT NULL,
    place TEXT NOT NULL,
    PRIMARY KEY (space, room_id)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE puppet (
    owner TEXT PRIMARY KEY,
    token BLOB,
    told_lost INTEGER NOT NULL DEFAULT 0 CHECK (told_lost IN (0, 1))
  ) STRICT;

  CREATE TABLE puppet_room (
    owner TEXT NOT NULL,
    room_id TEXT NOT NULL,
    direct_with TEXT,
    PRIMARY KEY (owner, room_id)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE transfer (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    portal_id INTEGER NOT NULL REFERENCES portal (id) ON DELETE CASCADE,
    row_id INTEGER REFERENCES journal (id) ON DELETE CASCADE,
    name TEXT NOT NULL
  ) STRICT;
  `,
  // How far back a notice has to be looked for that may have been said.
  `
  ALTER TABLE notice ADD COLUMN created INTEGER NOT NULL DEFAULT 0;
  `,
  // What an edit is of, and how much of a message has arrived, outlive what they held.
  `
  CREATE TABLE journal_edit (
    row_id INTEGER PRIMARY KEY REFERENCES journal (id) ON DELETE CASCADE,
    target TEXT NOT NULL
  ) STRICT;
  CREATE INDEX journal_edit_target ON journal_edit (target);

  CREATE TABLE journal_part (
    row_id INTEGER PRIMARY KEY REFERENCES journal (id) ON DELETE CASCADE,
    done INTEGER NOT NULL
  ) STRICT;
  `,
  // What rooms show is told again only where it has changed.
  `
  ALTER TABLE portal ADD COLUMN told TEXT;
  `,
  // The table management_room says which rooms are the bot's.
  `
  ALTER TABLE login DROP COLUMN management_room;
  `,
  // How often sending began was counted and never asked for.
  `
  ALTER TABLE journal DROP COLUMN attempts;
  `,
  // Fewer indexes, since every page that a commit touches is written whole. `event_id` and `portal_id` are null in half of
  // the rows, settled rows are only asked for by their event, and the transaction id follows from `id`. A body is there as
  // long as the row is open, and `sending` does not change it, so neither is `journal_next` written then. A settled row may
  // name a portal that has gone: to empty those a portal would need an index of all rows that were ever its own.
  // Without AUTOINCREMENT, whose table every insert writes too, the newest row says which number is next and must stay.
  `
  CREATE TABLE journal_new (
    id INTEGER PRIMARY KEY,
    direction TEXT NOT NULL CHECK (direction IN ('to-msn', 'to-matrix')),
    event_id TEXT,
    room_id TEXT,
    portal_id INTEGER,
    body BLOB,
    state TEXT NOT NULL
      CHECK (state IN ('accepted', 'sending', 'delivered', 'failed', 'uncertain', 'skipped')),
    reason TEXT,
    created INTEGER NOT NULL,
    updated INTEGER NOT NULL,
    CHECK ((body IS NOT NULL) = (state IN ('accepted', 'sending')))
  ) STRICT;

  INSERT INTO journal_new (id, direction, event_id, room_id, portal_id, body, state, reason, created, updated)
  SELECT id, direction, event_id, room_id, portal_id, body, state, reason, created, updated FROM journal ORDER BY id;

  INSERT INTO journal_new (id, direction, state, reason, created, updated)
  SELECT seq, 'to-msn', 'skipped', 'removed', 0, 0 FROM sqlite_sequence
  WHERE name = 'journal' AND seq > (SELECT coalesce(max(id), 0) FROM journal);

  DROP TABLE journal;
  ALTER TABLE journal_new RENAME TO journal;

  CREATE UNIQUE INDEX journal_event ON journal (event_id) WHERE event_id IS NOT NULL;
  CREATE INDEX journal_next ON journal (portal_id, direction, id) WHERE body IS NOT NULL;
  CREATE INDEX journal_undelivered ON journal (portal_id, id) WHERE state IN ('failed', 'uncertain');

  CREATE INDEX transfer_portal ON transfer (portal_id);
  CREATE INDEX transfer_row ON transfer (row_id);
  CREATE INDEX notice_owner ON notice (owner);
  CREATE INDEX notice_about ON notice (about);
  CREATE INDEX management_room_owner ON management_room (owner);
  CREATE INDEX login_account ON login (server, passport_key);
  `,
  // Ids of events are random, so each new one was on another page of their index. It is now written many at a time, and holds
  // a few bytes of each (`EventIndex`, which fills it when the database is opened).
  `
  DROP INDEX journal_event;
  CREATE TABLE journal_event (
    hash INTEGER NOT NULL,
    row_id INTEGER NOT NULL,
    PRIMARY KEY (hash, row_id)
  ) STRICT, WITHOUT ROWID;
  `,
  // A link to a file ends with the message that the file came with.
  `
  CREATE TABLE public_link (
    id TEXT PRIMARY KEY,
    event_id TEXT NOT NULL,
    given INTEGER NOT NULL,
    expires INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE INDEX public_link_event ON public_link (event_id);
  `,
  // Guesses, by the time for which the bridge has run; the account is empty for all of a user's together.
  `
  CREATE TABLE wrong_password (
    owner TEXT NOT NULL,
    account TEXT NOT NULL,
    count INTEGER NOT NULL,
    last INTEGER NOT NULL,
    PRIMARY KEY (owner, account)
  ) STRICT;
  CREATE INDEX wrong_password_last ON wrong_password (last);
  `,
  // What people wrote is sealed. It is still in clear here: whoever has the key seals it (`reseal`).
  `
  ALTER TABLE portal ADD COLUMN title_sealed BLOB;
  ALTER TABLE portal ADD COLUMN told_sealed BLOB;
  UPDATE portal SET title_sealed = CAST(title AS BLOB), told_sealed = CAST(told AS BLOB);
  ALTER TABLE portal DROP COLUMN title;
  ALTER TABLE portal DROP COLUMN told;
  ALTER TABLE portal RENAME COLUMN title_sealed TO title;
  ALTER TABLE portal RENAME COLUMN told_sealed TO told;

  ALTER TABLE space ADD COLUMN name_sealed BLOB;
  UPDATE space SET name_sealed = CAST(name AS BLOB);
  ALTER TABLE space DROP COLUMN name;
  ALTER TABLE space RENAME COLUMN name_sealed TO name;

  ALTER TABLE transfer ADD COLUMN name_sealed BLOB NOT NULL DEFAULT x'';
  UPDATE transfer SET name_sealed = CAST(name AS BLOB);
  ALTER TABLE transfer DROP COLUMN name;
  ALTER TABLE transfer RENAME COLUMN name_sealed TO name;

  ALTER TABLE notice ADD COLUMN body_sealed BLOB NOT NULL DEFAULT x'';
  ALTER TABLE notice ADD COLUMN answers_sealed BLOB;
  UPDATE notice SET body_sealed = CAST(body AS BLOB), answers_sealed = CAST(answers AS BLOB);
  ALTER TABLE notice DROP COLUMN body;
  ALTER TABLE notice DROP COLUMN answers;
  ALTER TABLE notice RENAME COLUMN body_sealed TO body;
  ALTER TABLE notice RENAME COLUMN answers_sealed TO answers;

  ALTER TABLE notice_event ADD COLUMN answers_sealed BLOB;
  UPDATE notice_event SET answers_sealed = CAST(answers AS BLOB);
  ALTER TABLE notice_event DROP COLUMN answers;
  ALTER TABLE notice_event RENAME COLUMN answers_sealed TO answers;
  `,
  // People on none of the lists of a login are a standing of their own: what they say may wait until it is asked for.
  `
  ALTER TABLE portal ADD COLUMN standing TEXT NOT NULL DEFAULT 'open'
    CHECK (standing IN ('open', 'stranger', 'held', 'ignored'));
  ALTER TABLE portal ADD COLUMN heard INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE login ADD COLUMN unkept INTEGER NOT NULL DEFAULT 0;
  CREATE INDEX portal_standing ON portal (login_id, standing) WHERE standing <> 'open';
  `,
  // What many notices would say is gathered in one, which also says what is sent again with it.
  `
  CREATE TABLE gathered (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    login_id INTEGER NOT NULL REFERENCES login (id) ON DELETE CASCADE,
    portal_id INTEGER NOT NULL REFERENCES portal (id) ON DELETE CASCADE,
    body BLOB NOT NULL,
    is_told INTEGER NOT NULL CHECK (is_told IN (0, 1)),
    room_id TEXT,
    event_id TEXT,
    created INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX gathered_login ON gathered (login_id);
  CREATE INDEX gathered_portal ON gathered (portal_id);
  CREATE INDEX gathered_event ON gathered (event_id) WHERE event_id IS NOT NULL;
  CREATE INDEX gathered_untold ON gathered (portal_id) WHERE is_told = 0;

  CREATE TABLE gathered_row (
    gathered_id INTEGER NOT NULL REFERENCES gathered (id) ON DELETE CASCADE,
    row_id INTEGER NOT NULL,
    PRIMARY KEY (gathered_id, row_id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX gathered_row_row ON gathered_row (row_id);
  `,
];
