/** A folder of `src`, or one of its two files, and what it may import, types included. */
interface Folder {
  readonly path: string;
  /**
   * Folders (without those inside them), files, packages, `node` for all that Node brings or `node:…` for a part of it.
   * Every folder may import itself, and none the folders that import it.
   */
  readonly mayImport: readonly string[];
}

// From the ground up. `util` is under everything but what only converts.
export const FOLDERS: readonly Folder[] = [
  { path: "util", mayImport: ["node", "pino"] },

  // The MSN client library: a package of its own, without Matrix, SQLite or our configuration.
  { path: "msn/base", mayImport: ["util"] },
  { path: "msn/wire", mayImport: ["msn/base", "node:net"] },
  { path: "msn/net", mayImport: ["msn/base", "msn/wire", "node", "util"] },
  { path: "msn/dialect", mayImport: ["msn/base", "msn/wire", "node:crypto"] },
  { path: "msn/contacts", mayImport: ["msn/base", "msn/dialect", "msn/wire", "util"] },
  { path: "msn/content", mayImport: ["msn/base", "msn/wire"] },
  { path: "msn/p2p", mayImport: ["msn/base", "msn/content", "msn/wire", "util"] },
  { path: "msn/chat", mayImport: ["msn/base", "msn/content", "msn/net", "msn/p2p", "msn/wire", "node", "util"] },
  { path: "msn/transfer", mayImport: ["msn/base", "msn/chat", "msn/net", "msn/wire", "node", "util"] },
  {
    path: "msn/session",
    mayImport: ["msn/base", "msn/chat", "msn/content", "msn/dialect", "msn/net", "msn/wire", "util"],
  },
  {
    path: "msn",
    mayImport: [
      "msn/base",
      "msn/chat",
      "msn/contacts",
      "msn/content",
      "msn/dialect",
      "msn/net",
      "msn/p2p",
      "msn/session",
      "msn/transfer",
      "msn/wire",
      "node",
      "util",
    ],
  },

  // The homeserver, without MSN and SQLite.
  {
    path: "matrix/client",
    mayImport: ["node", "util", "zod"],
  },
  { path: "matrix/listener", mayImport: ["node", "util"] },
  { path: "matrix/media", mayImport: ["file-type", "matrix/client", "node", "sharp", "util", "zod"] },
  {
    path: "matrix",
    mayImport: ["matrix/client", "matrix/listener", "matrix/media", "node", "util", "zod"],
  },

  // SQLite, without MSN and Matrix.
  { path: "store", mayImport: ["better-sqlite3", "node", "util", "zod"] },

  // From one side's form into the other's, without IO.
  { path: "convert/text", mayImport: ["htmlparser2", "msn/index.ts", "zod"] },
  {
    path: "convert",
    mayImport: ["convert/text", "matrix/media", "msn/index.ts", "node:crypto", "node:util", "util", "zod"],
  },

  { path: "ops", mayImport: ["matrix/client", "node:fs/promises", "store", "util"] },

  // Where both sides meet. Of msn its index only.
  { path: "bridge/base", mayImport: ["convert", "matrix/client", "msn/index.ts", "ops", "store", "util"] },
  { path: "bridge/words", mayImport: ["bridge/base", "convert/text", "matrix/client", "msn/index.ts", "ops", "util"] },
  { path: "bridge/ghosts", mayImport: ["bridge/base", "convert", "matrix/client", "store", "util"] },
  { path: "bridge/session", mayImport: ["bridge/base", "bridge/words", "msn/index.ts", "store", "util"] },
  {
    path: "bridge/presence",
    mayImport: ["bridge/base", "bridge/session", "convert", "matrix/client", "msn/index.ts", "ops", "store", "util"],
  },
  {
    path: "bridge/puppets",
    mayImport: ["bridge/base", "bridge/ghosts", "bridge/words", "convert", "matrix/client", "store", "util"],
  },
  // What the parts of the bridge are handed.
  {
    path: "bridge/scope",
    mayImport: [
      "bridge/base",
      "bridge/ghosts",
      "bridge/presence",
      "bridge/puppets",
      "bridge/session",
      "convert",
      "matrix/media",
      "store",
      "util",
    ],
  },
  {
    path: "bridge/room",
    mayImport: [
      "bridge/base",
      "bridge/scope",
      "bridge/session",
      "bridge/words",
      "convert",
      "matrix/client",
      "msn/index.ts",
      "store",
      "util",
    ],
  },
  {
    path: "bridge/bot",
    mayImport: [
      "bridge/base",
      "bridge/room",
      "bridge/words",
      "convert",
      "convert/text",
      "matrix/client",
      "ops",
      "store",
      "util",
    ],
  },
  {
    path: "bridge/spaces",
    mayImport: [
      "bridge/base",
      "bridge/room",
      "bridge/scope",
      "convert",
      "matrix/client",
      "msn/index.ts",
      "store",
      "util",
    ],
  },
  {
    path: "bridge/files",
    mayImport: [
      "bridge/base",
      "bridge/room",
      "bridge/scope",
      "bridge/session",
      "bridge/words",
      "convert",
      "convert/text",
      "matrix/client",
      "matrix/media",
      "msn/index.ts",
      "node",
      "store",
      "util",
    ],
  },
  {
    path: "bridge/portal",
    mayImport: [
      "bridge/base",
      "bridge/files",
      "bridge/room",
      "bridge/scope",
      "bridge/session",
      "bridge/words",
      "convert",
      "convert/text",
      "matrix/client",
      "msn/index.ts",
      "node:crypto",
      "store",
      "util",
    ],
  },
  {
    path: "bridge/own-status",
    mayImport: ["bridge/presence", "bridge/scope", "bridge/session", "convert", "msn/index.ts", "store", "util"],
  },
  {
    path: "bridge/from-msn",
    mayImport: [
      "bridge/base",
      "bridge/own-status",
      "bridge/portal",
      "bridge/scope",
      "bridge/session",
      "bridge/spaces",
      "bridge/words",
      "convert",
      "convert/text",
      "msn/index.ts",
      "store",
      "util",
    ],
  },
  {
    path: "bridge/login",
    mayImport: [
      "bridge/from-msn",
      "bridge/own-status",
      "bridge/base",
      "bridge/ghosts",
      "bridge/portal",
      "bridge/presence",
      "bridge/puppets",
      "bridge/room",
      "bridge/scope",
      "bridge/session",
      "bridge/spaces",
      "bridge/words",
      "convert",
      "matrix/client",
      "msn/index.ts",
      "ops",
      "store",
      "util",
    ],
  },
  {
    // What commands do, and an API can: typed values in and out. `words` only for what is told to others than who asks.
    path: "bridge/actions",
    mayImport: [
      "bridge/base",
      "bridge/bot",
      "bridge/from-msn",
      "bridge/login",
      "bridge/own-status",
      "bridge/portal",
      "bridge/puppets",
      "bridge/room",
      "bridge/session",
      "bridge/words",
      "convert",
      "matrix/client",
      "msn/index.ts",
      "store",
      "util",
    ],
  },
  {
    path: "bridge/from-matrix",
    mayImport: [
      "bridge/base",
      "bridge/bot",
      "bridge/login",
      "bridge/portal",
      "bridge/presence",
      "bridge/room",
      "bridge/scope",
      "bridge/spaces",
      "bridge/session",
      "bridge/words",
      "convert",
      "convert/text",
      "matrix/client",
      "matrix/listener",
      "msn/index.ts",
      "store",
      "util",
    ],
  },
  {
    path: "bridge",
    mayImport: [
      "bridge/bot",
      "bridge/from-matrix",
      "bridge/login",
      "bridge/presence",
      "bridge/puppets",
      "matrix",
      "ops",
      "store",
      "util",
    ],
  },

  // What the bot understands: it reads what was said, has it done by `bridge/actions`, and says what came of it.
  {
    path: "commands/say",
    mayImport: [
      "bridge/actions",
      "bridge/puppets",
      "bridge/room",
      "bridge/words",
      "convert",
      "convert/text",
      "msn/index.ts",
      "store",
      "util",
    ],
  },
  {
    path: "commands",
    mayImport: [
      "bridge/actions",
      "bridge/base",
      "bridge/from-matrix",
      "bridge/login",
      "bridge/portal",
      "bridge/session",
      "commands/say",
      "convert",
      "matrix/client",
      "msn/index.ts",
      "store",
      "util",
    ],
  },

  // What the admin chose, and who runs it all.
  { path: "config", mayImport: ["bridge/base", "node", "util", "yaml", "zod"] },
  {
    path: "start.ts",
    mayImport: [
      "bridge",
      "bridge/actions",
      "bridge/base",
      "bridge/bot",
      "bridge/ghosts",
      "bridge/from-matrix",
      "bridge/login",
      "bridge/presence",
      "bridge/puppets",
      "bridge/scope",
      "bridge/words",
      "commands",
      "config",
      "convert",
      "matrix",
      "matrix/client",
      "msn/index.ts",
      "node",
      "ops",
      "store",
      "util",
    ],
  },

  // A small MSN server with a parser of its own, so that it does not share the client's mistakes.
  { path: "sandbox/wire", mayImport: ["node", "util"] },
  { path: "sandbox/network", mayImport: ["node", "sandbox/wire", "util"] },
  { path: "sandbox/notification", mayImport: ["node", "sandbox/network", "sandbox/wire", "util"] },
  { path: "sandbox/switchboard", mayImport: ["node", "sandbox/network", "sandbox/wire"] },
  { path: "sandbox/contact", mayImport: ["sandbox/network", "sandbox/wire", "util"] },
  {
    path: "sandbox",
    mayImport: [
      "node",
      "sandbox/contact",
      "sandbox/network",
      "sandbox/notification",
      "sandbox/switchboard",
      "sandbox/wire",
      "util",
    ],
  },
  {
    path: "demo",
    mayImport: ["config", "matrix/client", "node", "sandbox", "sandbox/contact", "start.ts", "util", "zod"],
  },
  {
    path: "cli",
    mayImport: [
      "config",
      "demo/demo.ts",
      "matrix/client",
      "matrix/listener",
      "node",
      "start.ts",
      "store",
      "util",
      "zod",
    ],
  },
  { path: "main.ts", mayImport: ["cli", "node:v8"] },
];

/** Packages and files that one file or folder alone may import. */
interface Sole {
  readonly what: string;
  /** Who may, as a path of a file or the beginning of one. */
  readonly by: readonly string[];
}

export const SOLE: readonly Sole[] = [
  { what: "pino", by: ["util/log.ts"] },
  { what: "file-type", by: ["matrix/media/sniff.ts"] },
  { what: "sharp", by: ["matrix/media/thumbnail.ts"] },
  { what: "htmlparser2", by: ["convert/text/html-reader.ts"] },
  // Which version of the protocol is spoken is decided by the client.
  { what: "msn/dialect/msnp8.ts", by: ["msn/client.ts", "msn/dialect/"] },
  // A process that only writes a registration or shows its version loads no bridge.
  { what: "start.ts", by: ["cli/run-bridge.ts", "demo/"] },
  { what: "cli/run-bridge.ts", by: ["cli/command-line.ts"] },
  { what: "cli/command-line.ts", by: ["main.ts"] },
  { what: "main.ts", by: [] },
];

/** The code of `files`, without its comments, never holds `never`. */
interface TextRule {
  readonly rule: string;
  readonly files: RegExp;
  readonly never: RegExp;
  readonly breaks: readonly [file: string, text: string];
}

export const TEXTS: readonly TextRule[] = [
  {
    // What came of an action is a value; `commands/say` has the words.
    rule: "bridge/actions holds no sentences",
    files: /^bridge\/actions\//,
    never: /["`][A-Z][^"`\n]* [^"`\n]*[.!?:]["`]/,
    breaks: ["bridge/actions/x.ts", 'return "You have no group.";'],
  },
  {
    // The configuration says what people may write, and the sandbox has a protocol of its own.
    rule: "only msn/dialect names a version of the protocol",
    files: /^(?!msn\/dialect\/|config\/schema\.ts$|sandbox\/)/,
    never: /MSNP\d/,
    breaks: ["msn/client.ts", 'if (line.includes("MSNP8")) return;'],
  },
  {
    rule: "only msn/dialect compares versions",
    files: /^(?!msn\/dialect\/)/,
    never: /dialect\.name\s*(?:[!=]==|[<>])|[!=]==\s*[\w.#]*dialect\.name|switch \([\w.#]*dialect/i,
    breaks: ["msn/handshake.ts", "if (dialect.name === other) return;"],
  },
  {
    rule: "time comes from util/clock",
    files: /^(?!util\/clock\.ts$)/,
    never: /\bDate\.now\(|\bnew Date\(\)|(?<![.\w])(?:setTimeout|setInterval)\(|node:timers/,
    breaks: ["bridge/x.ts", "setTimeout(run, 10);"],
  },
  {
    rule: "dates come from util/calendar",
    files: /^(?!util\/(?:calendar|clock)\.ts$|sandbox\/)/,
    never: /\bepochMs\(/,
    breaks: ["bridge/x.ts", "const since = clock.epochMs();"],
  },
  {
    // Node walks all listeners of a signal for each, and some are the bridge's.
    rule: "what ends with a signal waits for it through util/on-abort",
    files: /^(?!util\/on-abort\.ts$|demo\/)/,
    never: /addEventListener\(|addAbortListener/,
    breaks: ["bridge/x.ts", 'signal.addEventListener("abort", stop);'],
  },
  {
    // The file says why. The sandbox runs beside a bridge in tests only.
    rule: "node:http and node:tls come from util/node-http",
    files: /^(?!util\/node-http\.ts$|sandbox\/|demo\/)/,
    never: /^import (?!type\b)[^;]*"node:(?:https?|tls)"|import\("node:(?:https?|tls)"\)/m,
    breaks: ["bridge/x.ts", 'import { get } from "node:http";'],
  },
];

// Longer files are worth a look; those named here have had it.
export const MAX_LINES = 300;
export const LONG_FILES: Readonly<Record<string, string>> = {
  "store/migrations.ts": "steps are only ever appended, and read in their order",
};

/** Names that two files of `src` export, and why one name is right for both. */
export const NAMES_TWICE: Readonly<Record<string, string>> = {};

// Tests of several files together, or of the project as a whole.
export const TESTS_OF_MORE: ReadonlySet<string> = new Set([
  "architecture",
  "architecture-page",
  "packages/packages",
  "bridge/contact-presence",
  "bridge/costs",
  "bridge/changed-minds",
  "bridge/delivery",
  "bridge/encrypted",
  "bridge/forms",
  "bridge/group-rooms",
  "bridge/groups",
  "bridge/sent-astray",
  "bridge/starting-chats",
  "bridge/crash-doubles",
  "bridge/stopping",
  "bridge/trouble",
  "bridge/quiet-rooms",
  "bridge/under-fire",
  "bridge/leaving",
  "bridge/looks",
  "bridge/private-ca",
  "bridge/restart",
  "bridge/starting-chats",
  "bridge/roads",
  "bridge/set-date",
  "bridge/secrets",
  "convert/text/round-trip",
  "commands/commands",
  "docs",
  "examples/echo-bot",
  "features",
  "matrix/listener-limits",
  "msn-library",
  "security",
  "msn/calling-off",
  "msn/sent-astray",
  "msn/standing-still",
  "msn/strangers",
  "msn/settles",
  "msn/soup",
  "msn/transcripts",
  "sandbox/notification/lists",
  "sandbox/notification/lists-dialogues",
  "sandbox/notification/login",
  "sandbox/notification/presence",
  "store/journal-disk",
  "store/plans",
  "store/tables",
]);
