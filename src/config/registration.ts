import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { parseDocument, stringify } from "yaml";
import { z } from "zod";
import type { Config } from "./config.ts";

const token = z
  .string()
  .min(1)
  .refine((value) => !value.startsWith("REPLACE_"));
const namespaces = z.array(z.object({ regex: z.string(), exclusive: z.boolean() }));

// The fields are those of the Matrix spec, Application Service API, "Registration"; the push_ephemeral one is what
// Synapse read before receive_ephemeral was in the spec.
const registrationSchema = z.object({
  id: z.string().min(1),
  url: z.string().nullable(),
  as_token: token,
  hs_token: token,
  sender_localpart: z.string().min(1),
  namespaces: z.object({
    users: namespaces.default([]),
    aliases: namespaces.default([]),
    rooms: namespaces.default([]),
  }),
  rate_limited: z.boolean().default(true),
  protocols: z.array(z.string()).default([]),
  receive_ephemeral: z.boolean().default(false),
  "de.sorunome.msc2409.push_ephemeral": z.boolean().default(false),
});

/** What the homeserver is told about the bridge, in the spelling of the registration file. */
export type Registration = z.output<typeof registrationSchema>;

/** The registration file cannot be used or written. The message says what to do. */
export class RegistrationError extends Error {
  override readonly name = "RegistrationError";
}

const HEADER = ` The registration of the MSN bridge. It holds secrets: only the homeserver and the bridge may read it.
 Name this file in the homeserver's configuration (Synapse: app_service_config_files) and restart the homeserver.
`;

const MAKE_ANEW = "move the file away, make a new one with -g, hand that to the homeserver and restart the homeserver";

// Synapse reads YAML 1.1, where a plain `on` is not text.
const YAML_STYLE = { lineWidth: 0, compat: "yaml-1.1" } as const;

/** A registration that fits `config`, with new tokens. */
export function generateRegistration(config: Config): Registration {
  const { appservice, homeserver } = config;
  return {
    id: appservice.id,
    url: appservice.address,
    as_token: newToken(),
    hs_token: newToken(),
    sender_localpart: appservice.bot.username,
    namespaces: {
      // The bot is named as well because Dendrite and Conduit push only what a namespace holds.
      users: [
        { exclusive: true, regex: `^@msn_.*:${escapeRegex(homeserver.domain)}$` },
        { exclusive: true, regex: `^@${escapeRegex(appservice.bot.username)}:${escapeRegex(homeserver.domain)}$` },
      ],
      aliases: [],
      rooms: [],
    },
    rate_limited: false,
    protocols: ["msn"],
    receive_ephemeral: true,
    "de.sorunome.msc2409.push_ephemeral": true,
  };
}

/**
 * A registration by which the bridge can act for the people of its homeserver, with new tokens. It is apart from the
 * bridge's own, whose users are ghosts; nothing is pushed to it.
 */
export function generatePuppetRegistration(config: Config): Registration {
  const { appservice, homeserver } = config;
  return {
    id: `${appservice.id}-double-puppet`,
    url: null,
    as_token: newToken(),
    hs_token: newToken(),
    // The bridge does not act as this user, but it must not be another user's.
    sender_localpart: `msn-double-puppet-${randomBytes(8).toString("hex")}`,
    namespaces: {
      users: [{ exclusive: false, regex: `^@.*:${escapeRegex(homeserver.domain)}$` }],
      aliases: [],
      rooms: [],
    },
    rate_limited: false,
    protocols: [],
    receive_ephemeral: false,
    "de.sorunome.msc2409.push_ephemeral": false,
  };
}

/**
 * Writes `registration` to a new file that only this user may read.
 * @throws RegistrationError when there is a file at `path` already, or none can be made
 */
export function writeRegistration(path: string, registration: Registration): void {
  const comment = HEADER.trimEnd().replaceAll(/^/gm, "#");
  try {
    writeFileSync(path, `${comment}\n${stringify(registration, YAML_STYLE)}`, { flag: "wx", mode: 0o600 });
  } catch (error) {
    throw new RegistrationError(notWritten(path, codeOf(error)), { cause: error });
  }
}

/**
 * Reads the registration file at `path`.
 * @throws RegistrationError when it is missing or is not a whole registration
 */
export function readRegistration(path: string): Registration {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new RegistrationError(notRead(path, codeOf(error)), { cause: error });
  }
  const result = registrationSchema.safeParse(parseYaml(path, text));
  if (result.success) return result.data;
  const fields = new Set(result.error.issues.map(({ path: steps }) => steps.join(".")).filter((field) => field !== ""));
  const wrong = fields.size === 0 ? "is not a registration" : `lacks a usable ${[...fields].join(", ")}`;
  throw new RegistrationError(`The registration file ${path} ${wrong}: ${MAKE_ANEW}.`);
}

/**
 * What no longer fits between a registration and the configuration, one sentence each; none when all is well.
 */
export function checkRegistration(registration: Registration, config: Config): string[] {
  const { appservice, homeserver } = config;
  const bot = `@${appservice.bot.username}:${homeserver.domain}`;
  const ghost = `@msn_${config.msn.servers[0]?.id ?? "x"}_someone=40example.org:${homeserver.domain}`;
  const url = registration.url?.replace(/\/+$/, "");
  const problems: string[] = [];
  const compare = (field: string, has: string | undefined, key: string, wanted: string): void => {
    if (has !== wanted) problems.push(`its ${field} is ${JSON.stringify(has ?? null)}, but ${key} is "${wanted}"`);
  };
  compare("id", registration.id, "appservice.id", appservice.id);
  compare("url", url, "appservice.address", appservice.address);
  compare("sender_localpart", registration.sender_localpart, "appservice.bot.username", appservice.bot.username);
  if (!owns(registration, ghost)) problems.push(`its namespaces do not give it users such as "${ghost}" exclusively`);
  if (!owns(registration, bot)) problems.push(`its namespaces do not give it its bot "${bot}" exclusively`);
  return problems.map((problem) => `The registration does not fit the configuration: ${problem}; ${MAKE_ANEW}.`);
}

function owns(registration: Registration, userId: string): boolean {
  return registration.namespaces.users.some(({ exclusive, regex }) => exclusive && matches(regex, userId));
}

function matches(regex: string, userId: string): boolean {
  try {
    // Synapse anchors the beginning of every namespace, not the end.
    return new RegExp(`^(?:${regex})`).test(userId);
  } catch {
    return false;
  }
}

function parseYaml(path: string, text: string): unknown {
  const document = parseDocument(text, { prettyErrors: false });
  const [error] = document.errors;
  try {
    if (error === undefined) return document.toJS();
  } catch {
    // An alias without its anchor; the sentence below says all that is needed.
  }
  const reason = error === undefined ? "it holds a broken alias" : error.message;
  throw new RegistrationError(`The registration file ${path} is not YAML (${reason}): ${MAKE_ANEW}.`);
}

function newToken(): string {
  // 48 bytes are 64 characters of base64url.
  return randomBytes(48).toString("base64url");
}

function escapeRegex(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : String(error);
}

function notWritten(path: string, code: string): string {
  if (code === "EEXIST") {
    return `There is a file ${path} already, and it is not overwritten: its tokens may be in use. Move it away first.`;
  }
  if (code === "ENOENT") return `The registration file ${path} cannot be written: its folder does not exist.`;
  return `The registration file ${path} cannot be written (${code}).`;
}

function notRead(path: string, code: string): string {
  if (code === "ENOENT")
    return `There is no registration file ${path}: make one with -g, and hand it to the homeserver.`;
  if (code === "EACCES") return `The registration file ${path} may not be read: give this user the right to read it.`;
  return `The registration file ${path} cannot be read (${code}).`;
}
