import { isIPv4, isIPv6 } from "node:net";
import { z } from "zod";

// A message completes the sentence that begins with the key: "appservice.port" must be a whole number.
const text = z.string("must be text").min(1, "must not be empty");
const PORT_RANGE = "must be a port between 1 and 65535";
const port = z.int("must be a whole number").min(1, PORT_RANGE).max(65535, PORT_RANGE);
// In addresses with a port, IPv6 stands in brackets, so people write them here too.
const host = text
  .overwrite((value) => (isIPv6(value.slice(1, -1)) ? value.replace(/^\[(.*)\]$/, "$1") : value))
  .refine(
    (value) => isIPv6(value) || /^[A-Za-z0-9._-]+$/.test(value),
    "must be a host name or an IP address, without scheme and port",
  );

const url = text.refine(isWebAddress, "must be a URL that begins with http:// or https://");
const baseUrl = url
  .refine((value) => !/[?#]/.test(value), "must be a URL without ? and #")
  .overwrite((value) => value.replace(/\/+$/, ""));

const DOMAIN = String.raw`(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?`;
const domain = text.regex(new RegExp(`^${DOMAIN}$`), "must be a domain such as example.org");
const yesNo = z.boolean("must be true or false");
const choice = <const T extends readonly string[]>(values: T): z.ZodEnum<{ [K in T[number]]: K }> =>
  z.enum(values, `must be one of ${values.join(", ")}`);
const level = z.enum(["block", "user", "admin"], "must be one of block, user, admin");

const UNITS: ReadonlyMap<string, number> = new Map([
  ["", 1],
  ["K", 1024],
  ["M", 1024 ** 2],
  ["G", 1024 ** 3],
]);
const SIZE = 'must be a number of bytes, or one with K, M or G, such as "100M"';
const size = z.union([z.string(), z.number()], SIZE).transform((value, context): number => {
  const [, digits, unit = ""] = /^(\d{1,12})([KMG]?)$/.exec(String(value)) ?? [];
  const bytes = Number(digits) * (UNITS.get(unit) ?? NaN);
  if (Number.isSafeInteger(bytes)) return bytes;
  context.addIssue({ code: "custom", message: SIZE });
  return z.NEVER;
});
const MEGABYTE = 1024 ** 2;

const PORTS = 'must be a range of ports from 1024 on, such as "6891-6900"';
const ports = z.union([z.string(), z.number()], PORTS).transform((value, context): [first: number, last: number] => {
  const [, first, last = first] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(String(value)) ?? [];
  const range: [number, number] = [Number(first), Number(last)];
  if (range[0] >= 1024 && range[0] <= range[1] && range[1] <= 65535) return range;
  context.addIssue({ code: "custom", message: PORTS });
  return z.NEVER;
});

const botName = text
  .regex(/^[a-z0-9._=/+-]+$/, "must consist of a-z, 0-9 and the signs . _ = / + -")
  .refine((name) => !name.startsWith("msn_"), 'must not begin with "msn_", which is for the contacts');

const filePath = text
  .regex(/^(?:file:|(?![A-Za-z][A-Za-z0-9+.-]+:))/, 'must be a file name, or "file:" and a file name')
  .refine((value) => !/^(?:file:)?:memory:$|\?/.test(value), "must be a file on disk, without any ?options");

const server = z.strictObject({
  id: z.string("must be text").regex(/^[a-z0-9]+$/, "must consist of a-z and 0-9"),
  name: text,
  host,
  port: port.default(1863),
  nexusUrl: url,
  loginUrl: url.optional(),
  ca: text.optional(),
  allow_private_addresses: yesNo.default(false),
  allow_low_ports: yesNo.default(false),
  throttles: yesNo.default(true),
  dialect: z.enum(["MSNP8"], "must be MSNP8").default("MSNP8"),
});

/** All keys of the configuration file, with what they may hold. Every key that stands here has an effect. */
const configSchema = z.strictObject({
  homeserver: z.strictObject({ address: baseUrl, domain }),
  appservice: z.strictObject({
    address: baseUrl,
    hostname: host.default("127.0.0.1"),
    port: port.default(29350),
    id: text.default("msn"),
    bot: z
      .strictObject({ username: botName.default("msnbot"), displayname: text.default("MSN bridge bot") })
      .prefault({}),
  }),
  bridge: z.strictObject({
    command_prefix: text.regex(/^\S+$/, "must not hold spaces").default("!msn"),
    permissions: z
      .record(z.string(), level)
      .refine(
        (permissions) => Object.values(permissions).some((given) => given !== "block"),
        'means that nobody may use this bridge: give at least one domain or person the level "user"',
      ),
    max_logins: z.int("must be a whole number").min(1, "must be at least 1").default(10),
    admin_room: text.regex(/^!\S+$/, 'must be the id of a room, which begins with "!"').optional(),
    cleanup_on_logout: choice(["keep", "leave", "delete"]).default("keep"),
    personal_filtering_spaces: yesNo.default(false),
    bridge_notices: yesNo.default(false),
  }),
  contacts: z
    .strictObject({
      create_portals: choice(["on-message", "favourites", "all"]).default("on-message"),
      requests: choice(["ask", "accept", "decline"]).default("ask"),
      strangers: choice(["room", "ask", "ignore"]).default("room"),
    })
    .prefault({}),
  messages: z
    .strictObject({
      emoticons: yesNo.default(true),
      replies: choice(["off", "short", "full"]).default("short"),
      reactions: choice(["off", "text"]).default("off"),
    })
    .prefault({}),
  presence: z
    .strictObject({
      to_matrix: yesNo.default(true),
      per_second: z
        .number("must be a number")
        .positive("must be more than 0")
        .max(1000, "must be 1000 at most")
        .default(5),
      policy: choice(["follow", "manual", "always"]).default("follow"),
    })
    .prefault({}),
  double_puppet: z
    .strictObject({
      secrets: z
        .record(
          z.string().regex(new RegExp(`^${DOMAIN}$`), "must be a domain such as example.org"),
          text.regex(/^as_token:\S+$/, 'must be "as_token:" and the token of a registration'),
        )
        .default({}),
    })
    .prefault({}),
  matrix: z.strictObject({ federate_rooms: yesNo.default(true), delivery_receipts: yesNo.default(true) }).prefault({}),
  media: z
    .strictObject({
      receive: choice(["auto", "ask", "off"]).default("auto"),
      auto_limit: size.default(100 * MEGABYTE),
      daily_limit: size.default(1024 * MEGABYTE),
      max_size: size.default(1024 * MEGABYTE),
      ports: ports.default([6891, 6900]),
      public_address: text.refine(isIPv4, "must be an IPv4 address such as 203.0.113.7").optional(),
      allow_private_addresses: yesNo.default(false),
    })
    .prefault({}),
  public_media: z
    .strictObject({
      enabled: yesNo.default(false),
      public_address: baseUrl.optional(),
      expiry_hours: z
        .number("must be a number")
        .positive("must be more than 0")
        .max(8760, "must be 8760 at most")
        .default(168),
      max_size: size.default(100 * MEGABYTE),
    })
    .refine((links) => !links.enabled || links.public_address !== undefined, {
      path: ["public_address"],
      message: "is missing",
    })
    .prefault({}),
  database: z.strictObject({ uri: filePath.default("msn.db"), key_file: text.optional() }).prefault({}),
  logging: z
    .strictObject({
      min_level: z
        .enum(["trace", "debug", "info", "warn", "error"], "must be one of trace, debug, info, warn, error")
        .default("info"),
    })
    .prefault({}),
  msn: z.strictObject({ servers: z.array(server).min(1, "must name at least one server") }),
});

/** A file as it was written, defaults filled in. */
export type ParsedConfig = z.output<typeof configSchema>;

/** What is wrong with one place of the file; `message` completes a sentence that begins with the key. */
export interface SchemaProblem {
  path: readonly PropertyKey[];
  message: string;
  /** The keys that were written at `path` but do not exist. */
  unknownKeys?: readonly string[];
}

/** Either the value, or every problem in it. */
export function checkConfig(raw: unknown): { config: ParsedConfig } | { problems: SchemaProblem[] } {
  const result = configSchema.safeParse(raw);
  const problems = [...repeatedServerIds(raw), ...foreignSecrets(raw), ...deadPermissions(raw)];
  if (result.success && problems.length === 0) return { config: result.data };
  return { problems: [...(result.error?.issues.map(toProblem) ?? []), ...problems] };
}

/** The keys that may stand at `path`; none where any key may stand or no key can. */
export function knownKeys(path: readonly PropertyKey[]): string[] {
  let schema: unknown = configSchema;
  for (const step of path) {
    const outer = bare(schema);
    if (outer instanceof z.ZodObject) schema = outer.shape[String(step)];
    else if (outer instanceof z.ZodArray) schema = outer.element;
    else return [];
  }
  const found = bare(schema);
  return found instanceof z.ZodObject ? Object.keys(found.shape) : [];
}

function bare(schema: unknown): unknown {
  return schema instanceof z.ZodPrefault || schema instanceof z.ZodDefault ? bare(schema.unwrap()) : schema;
}

function toProblem(issue: z.core.$ZodIssue): SchemaProblem {
  const { code, path, message } = issue;
  if (code === "unrecognized_keys") return { path, message, unknownKeys: issue.keys };
  if (code === "invalid_key") return { path, message: issue.issues[0]?.message ?? message };
  if (code === "invalid_type") return { path, message: typeMessage(issue.expected, message) };
  return { path, message };
}

function typeMessage(expected: string, message: string): string {
  if (expected === "object" || expected === "record") return "must be a section with keys of its own";
  if (expected === "array") return "must be a list, each entry after a dash";
  return message;
}

// Not a check of the schema, because that would wait until the rest of the list is right.
function repeatedServerIds(raw: unknown): SchemaProblem[] {
  const lists = z.object({ msn: z.object({ servers: z.array(z.unknown()) }) }).safeParse(raw);
  const seen = new Set<string>();
  const problems: SchemaProblem[] = [];
  for (const [index, entry] of (lists.data?.msn.servers ?? []).entries()) {
    const id = z.object({ id: z.string() }).safeParse(entry).data?.id;
    if (id === undefined) continue;
    if (seen.has(id))
      problems.push({
        path: ["msn", "servers", index, "id"],
        message: `must be unique: there is another server "${id}"`,
      });
    seen.add(id);
  }
  return problems;
}

// The bridge speaks to one homeserver, and cannot act for users of another.
function foreignSecrets(raw: unknown): SchemaProblem[] {
  const shape = z.object({
    homeserver: z.object({ domain: z.string() }),
    double_puppet: z.object({ secrets: z.record(z.string(), z.unknown()) }),
  });
  const read = shape.safeParse(raw).data;
  if (read === undefined) return [];
  const own = read.homeserver.domain;
  const foreign = Object.keys(read.double_puppet.secrets).filter((name) => name !== own);
  const message = `must be for the people of "${own}", the homeserver of this bridge: it cannot act for others`;
  return foreign.map((name) => ({ path: ["double_puppet", "secrets", name], message }));
}

// An entry that fits no user would shut people out, or leave in who is meant to be blocked, without a word.
function deadPermissions(raw: unknown): SchemaProblem[] {
  const shape = z.object({ bridge: z.object({ permissions: z.record(z.string(), z.unknown()) }) });
  const entries = Object.keys(shape.safeParse(raw).data?.bridge.permissions ?? {});
  const own = z.object({ homeserver: z.object({ domain: z.string() }) }).safeParse(raw).data?.homeserver.domain;
  return entries.flatMap((entry) => {
    const message = whyDead(entry, own);
    return message === undefined ? [] : [{ path: ["bridge", "permissions", entry], message }];
  });
}

const WHOM = 'must be "*", a domain such as "example.org" or a person such as "@you:example.org"';

function whyDead(entry: string, own: string | undefined): string | undefined {
  if (entry === "*") return undefined;
  if (/^@[\w-]+$/.test(entry)) return `${WHOM}; perhaps "${entry}:${own ?? "example.org"}"`;
  const place = new RegExp(`^(?:@\\*?:?|\\*[:@.]|\\.)(${DOMAIN})$`).exec(entry)?.[1];
  if (place !== undefined)
    return `matches nobody; for all users of that homeserver, write "${rightDomain(place, own)}"`;
  const [, name, home] = new RegExp(`^([^@:\\s*]+)[@:](${DOMAIN})$`).exec(entry) ?? [];
  const [, localpart, domainPart = entry] = new RegExp(`^@([^:\\s]+):(.*)$`).exec(entry) ?? [];
  if (!new RegExp(`^${DOMAIN}$`).test(domainPart)) {
    return home === undefined ? WHOM : `${WHOM}; perhaps "@${name}:${rightDomain(home, own)}"`;
  }
  if (localpart?.includes("*") === true)
    return 'matches nobody; only "*" alone, for everybody, is a pattern: name each user, or their homeserver\'s domain';
  const right = rightDomain(domainPart, own);
  if (right === domainPart) return undefined;
  return `matches nobody; write "${localpart === undefined ? "" : `@${localpart}:`}${right}"`;
}

// Matrix tells capital letters from small ones in the names of homeservers, and all but a few are small.
function rightDomain(place: string, own: string | undefined): string {
  const tidy = place.replace(/^\.+|\.+(?=:|$)/g, "").replace(/\.{2,}/g, ".");
  if (own !== undefined && tidy.toLowerCase() === own.toLowerCase()) return own;
  return tidy.startsWith("[") ? tidy : tidy.toLowerCase();
}

function isWebAddress(value: string): boolean {
  return /^https?:\/\/[^\s/]/i.test(value) && URL.canParse(value);
}
