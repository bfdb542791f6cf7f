import { createCipheriv, randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import Sqlite from "better-sqlite3";
import { MIGRATIONS } from "../../../src/store/migrations.ts";

/** The last schema whose sealed values were bound to no place, and in which people's words were in clear. */
const SCHEMA = 8;

/** As older versions sealed: for no place. */
export function sealUnbound(key: Buffer, text: string): Buffer {
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, nonce, { authTagLength: 16 });
  const body = Buffer.concat([cipher.update(text, "utf8"), cipher.final()]);
  return Buffer.concat([Buffer.of(1), nonce, cipher.getAuthTag(), body]);
}

/** What people wrote that such a database has in clear. */
export const WORDS = [
  "Chess on Sundays",
  "Secret society",
  "plans.pdf",
  "Your file did not arrive",
  "accept anna",
  "deny all",
];

/** Makes a database with its key as an older version would have left them. */
export function makeOlderDatabase(path: string, keyFile: string): void {
  const key = randomBytes(32);
  writeFileSync(keyFile, key, { mode: 0o600 });
  const sealed = (text: string): Buffer => sealUnbound(key, text);
  const database = new Sqlite(path);
  database.pragma("application_id = 0x4d534e42");
  database.pragma("journal_mode = WAL");
  for (const step of MIGRATIONS.slice(0, SCHEMA)) database.exec(step);
  database.pragma(`user_version = ${SCHEMA}`);
  const insert = (table: string, row: Readonly<Record<string, unknown>>): void => {
    const names = Object.keys(row);
    const values = names.map((name) => `:${name}`);
    database.prepare(`INSERT INTO ${table} (${names.join(", ")}) VALUES (${values.join(", ")})`).run(row);
  };
  const check = sealed("matrix-appservice-msn").toString("base64");
  insert("meta", { key: "key_check", value: check });
  insert("meta", { key: "instance", value: "0123456789ab" });
  insert("meta", { key: "link_secret", value: sealed("signs links").toString("base64") });
  const login = {
    server: "one",
    passport: "Anna@hotmail.com",
    passport_key: "anna@hotmail.com",
    owner: "@anna:example.org",
  };
  insert("login", { id: 1, ...login, password: sealed("swordfish") });
  insert("puppet", { owner: "@anna:example.org", token: sealed("syt_token") });
  const portal = { login_id: 1, kind: "direct", remote: "bob@hotmail.com", room_id: "!bob:example.org" };
  insert("portal", { id: 1, ...portal, title: WORDS[0], told: JSON.stringify({ "m.room.name ": WORDS[0] }) });
  insert("portal", { id: 2, ...portal, remote: "carl@hotmail.com", room_id: null });
  insert("space", { login_id: 1, contact_group: "", room_id: "!space:example.org", name: WORDS[1] });
  const open = { state: "accepted", created: 1, updated: 1 };
  const event = { event_id: "$one", room_id: "!bob:example.org", type: "m.room.message" };
  const place = { event_id: "$one", room_id: "!bob:example.org" };
  insert("journal", {
    id: 3,
    direction: "to-msn",
    ...place,
    portal_id: 1,
    body: sealed(JSON.stringify(event)),
    ...open,
  });
  insert("journal", { id: 5, direction: "to-matrix", portal_id: 1, body: sealed('{"text":"hi"}'), ...open });
  insert("journal", { id: 7, direction: "to-matrix", portal_id: 1, state: "delivered", created: 1, updated: 1 });
  insert("transfer", { id: 4, portal_id: 1, row_id: null, name: WORDS[2] });
  const answers = JSON.stringify([["👍", WORDS[4]]]);
  insert("notice", { id: 9, owner: "@anna:example.org", body: WORDS[3], about: "a file", answers });
  const said = { about: "a request", owner: "@anna:example.org", room_id: "!bot:example.org", event_id: "$said" };
  insert("notice_event", { ...said, answers: JSON.stringify([["👎", WORDS[5]]]) });
  database.close();
}
