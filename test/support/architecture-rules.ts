/** Whoever imports from `from` may import `to` only. `breaks` is an import that breaks the rule. */
interface ImportRule {
  readonly rule: string;
  readonly from: RegExp;
  readonly to: RegExp;
  readonly breaks: readonly [from: string, to: string];
}

/** The code of `files`, without its comments, never holds `never`. */
interface TextRule {
  readonly rule: string;
  readonly files: RegExp;
  readonly never: RegExp;
  readonly breaks: readonly [file: string, text: string];
}

export const IMPORTS: readonly ImportRule[] = [
  // The rooms, from the ground up.
  { rule: "util uses Node only", from: /^util\/(?!log\.ts$)/, to: /^(node:|util\/)/, breaks: ["util/x.ts", "zod"] },
  { rule: "the log is pino, and nothing else", from: /^util\/log\.ts$/, to: /^pino$/, breaks: ["util/log.ts", "zod"] },
  {
    rule: "the log alone knows pino",
    from: /^(?!util\/log\.ts$)/,
    to: /^(?!pino)/,
    breaks: ["bridge/x.ts", "pino"],
  },
  {
    rule: "msn knows nothing of Matrix, of the store, of the configuration or of any package",
    from: /^msn\//,
    to: /^(node:|util\/|msn\/)/,
    breaks: ["msn/x.ts", "zod"],
  },
  {
    rule: "sandbox uses util only, so that it does not mirror the client's mistakes",
    from: /^sandbox\//,
    to: /^(node:|util\/|sandbox\/)/,
    breaks: ["sandbox/x.ts", "msn/wire/reader.ts"],
  },
  {
    rule: "matrix knows nothing of MSN and of the store",
    from: /^matrix\//,
    to: /^(node:|util\/|matrix\/|zod$|matrix-appservice-bridge$|@vector-im\/matrix-bot-sdk$|file-type$|sharp$)/,
    breaks: ["matrix/x.ts", "store/store.ts"],
  },
  {
    rule: "what a file is, is told in one place",
    from: /^(?!matrix\/sniff\.ts$)/,
    to: /^(?!file-type$)/,
    breaks: ["matrix/x.ts", "file-type"],
  },
  {
    rule: "pictures are decoded in one place",
    from: /^(?!matrix\/thumbnail\.ts$)/,
    to: /^(?!sharp$)/,
    breaks: ["matrix/x.ts", "sharp"],
  },
  {
    rule: "store knows nothing of MSN and of Matrix",
    from: /^store\//,
    to: /^(node:|util\/|store\/|zod$|better-sqlite3$)/,
    breaks: ["store/x.ts", "matrix/errors.ts"],
  },
  {
    rule: "bridge knows both sides, of msn its index only, and no commands",
    from: /^bridge\//,
    to: /^(node:|util\/|msn\/index\.ts$|matrix\/|store\/|bridge\/|zod$|htmlparser2$)/,
    breaks: ["bridge/x.ts", "commands/index.ts"],
  },
  {
    rule: "bridge/text is without IO",
    from: /^bridge\/text\//,
    to: /^(msn\/index\.ts$|bridge\/text\/|zod$|htmlparser2$)/,
    breaks: ["bridge/text/x.ts", "bridge/portal.ts"],
  },
  {
    rule: "HTML is read in one place",
    from: /^(?!bridge\/text\/html-reader\.ts$)/,
    to: /^(?!htmlparser2$)/,
    breaks: ["bridge/to-msn.ts", "htmlparser2"],
  },
  {
    rule: "commands know the bridge and what is under it",
    from: /^commands\//,
    to: /^(node:|util\/|msn\/index\.ts$|matrix\/|store\/|bridge\/|commands\/|zod$)/,
    breaks: ["commands/x.ts", "msn/client.ts"],
  },
  {
    rule: "start and stop put the rooms together and end them, without demo and sandbox",
    from: /^(start|stop)\.ts$/,
    to: /^(?!demo\/|sandbox\/|command-line|main|msn\/(?!index\.ts$))/,
    breaks: ["start.ts", "sandbox/sandbox.ts"],
  },
  {
    rule: "upkeep knows the store only",
    from: /^upkeep\.ts$/,
    to: /^(util\/|store\/)/,
    breaks: ["upkeep.ts", "bridge/router.ts"],
  },
  {
    rule: "the bridge's settings come from the configuration, and from nothing else",
    from: /^bridge-settings\.ts$/,
    to: /^(config\.ts$|bridge\/settings\.ts$)/,
    breaks: ["bridge-settings.ts", "store/store.ts"],
  },
  {
    rule: "start alone imports the settings",
    from: /^(?!start\.ts$)/,
    to: /^(?!bridge-settings\.ts$)/,
    breaks: ["bridge/x.ts", "bridge-settings.ts"],
  },
  {
    rule: "start and stop alone import the upkeep",
    from: /^(?!(start|stop)\.ts$)/,
    to: /^(?!upkeep\.ts$)/,
    breaks: ["bridge/x.ts", "upkeep.ts"],
  },
  {
    rule: "start alone imports the stop",
    from: /^(?!start\.ts$)/,
    to: /^(?!stop\.ts$)/,
    breaks: ["bridge/x.ts", "stop.ts"],
  },
  {
    rule: "the command line loads neither the bridge nor the demo before they are wanted",
    from: /^command-line\.ts$/,
    to: /^(node:|zod$|util\/|config\.ts$|registration\.ts$|exit-codes\.ts$|run-bridge\.ts$|demo\/demo\.ts$)/,
    breaks: ["command-line.ts", "start.ts"],
  },
  {
    rule: "a bridge that runs knows what can fail at the start",
    from: /^run-bridge\.ts$/,
    to: /^(util\/|config\.ts$|registration\.ts$|exit-codes\.ts$|start\.ts$|(matrix|store)\/errors\.ts$|store\/disk-net\.ts$|matrix\/listener\.ts$)/,
    breaks: ["run-bridge.ts", "bridge/router.ts"],
  },
  {
    rule: "the command line alone runs a bridge",
    from: /^(?!command-line\.ts$)/,
    to: /^(?!run-bridge\.ts$)/,
    breaks: ["demo/x.ts", "run-bridge.ts"],
  },
  {
    rule: "main loads the command line, and nothing else that not every Node has, so that every Node can read it",
    from: /^main\.ts$/,
    to: /^(command-line\.ts|node:v8)$/,
    breaks: ["main.ts", "node:fs"],
  },
  { rule: "nobody imports main", from: /./, to: /^(?!main\.ts$)/, breaks: ["demo/x.ts", "main.ts"] },
  {
    rule: "main alone imports the command line",
    from: /^(?!main\.ts$)/,
    to: /^(?!command-line\.ts$)/,
    breaks: ["demo/x.ts", "command-line.ts"],
  },
  {
    rule: "the command line alone imports the demo",
    from: /^(?!demo\/|command-line\.ts$)/,
    to: /^(?!demo\/)/,
    breaks: ["start.ts", "demo/demo.ts"],
  },
  {
    rule: "the demo alone imports the sandbox",
    from: /^(?!demo\/|sandbox\/)/,
    to: /^(?!sandbox\/)/,
    breaks: ["bridge/x.ts", "sandbox/sandbox.ts"],
  },
  {
    rule: "the bridge is started by whoever runs it and the demo only",
    from: /^(?!demo\/|run-bridge\.ts$)/,
    to: /^(?!start\.ts$)/,
    breaks: ["commands/x.ts", "start.ts"],
  },
  // Leaves.
  {
    rule: "config, registration, permissions and exit codes are for whoever starts the bridge",
    from: /^(?!start\.ts$|bridge-settings\.ts$|command-line\.ts$|run-bridge\.ts$|demo\/|registration\.ts$|permissions\.ts$)/,
    to: /^(?!config\.ts$|registration\.ts$|permissions\.ts$|exit-codes\.ts$)/,
    breaks: ["bridge/x.ts", "config.ts"],
  },
  {
    rule: "registration and permissions know of the rest the configuration only",
    from: /^(registration|permissions)\.ts$/,
    to: /^(node:|yaml$|zod$|config\.ts$)/,
    breaks: ["registration.ts", "exit-codes.ts"],
  },
  {
    rule: "config is made of its schema and its YAML",
    from: /^config\.ts$/,
    to: /^(node:|util\/|config-schema\.ts$|config-yaml\.ts$)/,
    breaks: ["config.ts", "registration.ts"],
  },
  {
    rule: "the schema uses zod only",
    from: /^config-schema\.ts$/,
    to: /^(node:|zod$)/,
    breaks: ["config-schema.ts", "yaml"],
  },
  { rule: "config's YAML uses yaml only", from: /^config-yaml\.ts$/, to: /^yaml$/, breaks: ["config-yaml.ts", "zod"] },
  {
    rule: "config alone looks into its parts",
    from: /^(?!config\.ts$)/,
    to: /^(?!config-)/,
    breaks: ["start.ts", "config-schema.ts"],
  },
  { rule: "exit codes import nothing", from: /^exit-codes\.ts$/, to: /^$/, breaks: ["exit-codes.ts", "node:fs"] },
  // The storeys of msn.
  {
    rule: "msn/errors imports nothing",
    from: /^msn\/errors\.ts$/,
    to: /^$/,
    breaks: ["msn/errors.ts", "msn/roster.ts"],
  },
  {
    rule: "msn/wire is without IO and knows errors only",
    from: /^msn\/wire\//,
    to: /^msn\/(wire\/|errors\.ts$)/,
    breaks: ["msn/wire/x.ts", "node:net"],
  },
  {
    rule: "msn/net knows wire and errors",
    from: /^msn\/net\//,
    to: /^(node:|util\/|msn\/(net\/|wire\/|errors\.ts$))/,
    breaks: ["msn/net/x.ts", "msn/dialect/msnp8.ts"],
  },
  {
    rule: "msn/dialect knows wire, errors and what a roster is",
    from: /^msn\/dialect\//,
    to: /^(node:crypto$|msn\/(dialect\/|wire\/|errors\.ts$|roster\.ts$))/,
    breaks: ["msn/dialect/x.ts", "msn/net/connection.ts"],
  },
  {
    rule: "what runs one connection knows nothing of conversations and of the client",
    from: /^msn\/(handshake|dispatch|notification|keepalive|switchboard|passport|roster|content|events)\.ts$/,
    to: /^(?!msn\/(conversations?|client|index)\.ts$)/,
    breaks: ["msn/switchboard.ts", "msn/conversation.ts"],
  },
  {
    rule: "conversations know nothing of the client",
    from: /^msn\/conversations?\.ts$/,
    to: /^(?!msn\/(client|index)\.ts$)/,
    breaks: ["msn/conversations.ts", "msn/client.ts"],
  },
  {
    rule: "files are carried without the client, its session and its conversations",
    from: /^msn\/transfer\//,
    to: /^(?!msn\/(client|conversations?|notification|handshake|dispatch)\.ts$)/,
    breaks: ["msn/transfer/x.ts", "msn/conversation.ts"],
  },
  {
    rule: "the index of msn is for others than msn",
    from: /^msn\//,
    to: /^(?!msn\/index\.ts$)/,
    breaks: ["msn/x.ts", "msn/index.ts"],
  },
  {
    rule: "which dialect is spoken is decided by the client",
    from: /^msn\/(?!client\.ts$|dialect\/)/,
    to: /^(?!msn\/dialect\/(?!dialect\.ts$))/,
    breaks: ["msn/notification.ts", "msn/dialect/msnp8.ts"],
  },
];

export const TEXTS: readonly TextRule[] = [
  {
    // The configuration says what people may write, and the sandbox has a protocol of its own.
    rule: "only msn/dialect names a version of the protocol",
    files: /^(?!msn\/dialect\/|config-schema\.ts$|sandbox\/)/,
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
];

// Every file stands in a room that has its row above.
export const ROOMS =
  /^((util|msn|sandbox|matrix|store|bridge|commands|demo)\/|(start|stop|bridge-settings|upkeep|command-line|run-bridge|main|config|config-schema|config-yaml|registration|permissions|exit-codes)\.ts$)/;

export const MAX_LINES = 300;

// Tests of several files together, or of the project as a whole.
export const TESTS_OF_MORE: ReadonlySet<string> = new Set([
  "architecture",
  "bridge/contact-presence",
  "bridge/changed-minds",
  "bridge/delivery",
  "bridge/encrypted",
  "bridge/forms",
  "bridge/group-rooms",
  "bridge/groups",
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
  "bridge/secrets",
  "bridge/text/round-trip",
  "commands/commands",
  "docs",
  "examples/echo-bot",
  "features",
  "matrix/listener-limits",
  "msn-library",
  "msn/calling-off",
  "msn/settles",
  "msn/soup",
  "msn/transcripts",
  "sandbox/lists",
  "sandbox/lists-dialogues",
  "sandbox/login",
  "sandbox/presence",
  "store/journal-disk",
  "store/tables",
]);
