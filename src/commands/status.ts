import type { Login } from "../bridge/login/login.ts";
import { time } from "../bridge/words/time.ts";
import { MsnError } from "../msn/index.ts";
import { countOf } from "../util/count.ts";
import { fullName } from "./arguments.ts";
import type { Command } from "./command.ts";

export const ping: Command = {
  name: "ping",
  group: "Accounts",
  usage: "",
  help: "asks MSN for a sign of life, and tells how long that took",
  example: "ping",
  needs: "login",
  run: async (request) => {
    const logins = request.logins.of(request.sender);
    const lines = await Promise.all(logins.map(async (login) => `${stateOf(login)}${await roundTrip(login)}.`));
    await request.say(lines.join("\n"));
    return undefined;
  },
};

export const listLogins: Command = {
  name: "list-logins",
  aliases: ["logins"],
  group: "Accounts",
  usage: "",
  help: "lists your MSN accounts here, with what to call each where a command asks for your login",
  example: "list-logins",
  needs: "login",
  run: async (request) => {
    const lines = request.logins.of(request.sender).map((login) => `${fullName(login)}: ${stateOf(login)}.`);
    await request.say(lines.join("\n"));
    return undefined;
  },
};

export const status: Command = {
  name: "status",
  group: "Accounts",
  usage: "",
  help: "tells how your logins are, and when that was last seen",
  example: "status",
  needs: "login",
  run: async (request) => {
    const lines = request.logins.of(request.sender).map((login) => `${stateOf(login)}${observed(login, request.now)}.`);
    await request.say(lines.join("\n"));
    return undefined;
  },
};

/** How a login is, in words that begin with its name. */
export function stateOf(login: Login): string {
  const who = `${login.row.passport} on ${login.network.name}`;
  const { state } = login.session;
  switch (state.type) {
    case "connected":
      return `${who}: signed in since ${time(state.since)}`;
    case "connecting":
      return `${who}: signing in right now`;
    case "waiting":
      return `${who}: not connected (${state.error.message}); next try at ${time(state.until)}`;
    case "hindered":
      return `${who}: not connected (${state.error.message}); it signs in again by itself`;
    case "stopped":
      return `${who}: signed out (${state.error.message}). Say reconnect or login to sign in again`;
    case "logged-out":
      return `${who}: logged out. Say login to sign in again`;
  }
}

function observed({ session }: Login, now: number): string {
  if (session.state.type !== "connected" || session.lastHeard === undefined) return "";
  const contacts = [...session.contacts.values()].filter(({ lists }) => lists.has("FL"));
  const online = contacts.filter((contact) => contact.status !== "FLN");
  const whole = countOf(contacts.length, "contact is", "contacts are");
  return `; the server was last heard ${age(now - session.lastHeard)} ago; ${online.length} of ${whole} online`;
}

async function roundTrip({ session }: Login): Promise<string> {
  if (session.state.type !== "connected") return "";
  try {
    return `; the server answered in ${await session.ping()} ms`;
  } catch (error) {
    if (!(error instanceof MsnError)) throw error;
    return `; but the server did not answer just now: ${error.message}`;
  }
}

/** A span of time in words. */
export function age(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}
