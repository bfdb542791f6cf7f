import { parseAddress } from "../base/address.ts";
import { keptKey } from "../base/clamp.ts";
import { MsnError } from "../base/errors.ts";
import type { SwitchboardTicket } from "../base/switchboard-ticket.ts";
import { decodeArgument, type Command } from "../wire/command.ts";
import type { Introduction, ServerSaying } from "./dialect.ts";
import { readRoster } from "./msnp8-roster.ts";
import { parseStatus } from "../base/status.ts";

const NOTHING = Buffer.alloc(0);
const OTHER: ServerSaying = { type: "other" };

/** What a command of the notification server says. */
export function read(command: Command): ServerSaying {
  const { name, args, payload = NOTHING } = command;
  const change = readRoster(command);
  if (change !== undefined) return { type: "roster", change };
  switch (name) {
    case "QNG":
      return { type: "pong" };
    // CHL 0 challenge; the 0 may be missing (docs/msnp.md 3.7)
    case "CHL":
      return { type: "challenge", challenge: args.at(-1) ?? "" };
    case "RNG":
      return readRing(args);
    // MSG account name length; the server's own are from `Hotmail Hotmail`, mostly (docs/msnp.md 3.8)
    case "MSG":
      return { type: "message", from: args[0] ?? "", name: decodeArgument(args[1] ?? ""), payload };
    case "NOT":
    case "IPG":
      return { type: "alert", payload };
    case "CHG":
      return readOwnStatus(args);
    // XFR 0 NS host:port without our asking (docs/msnp.md 3.8)
    case "XFR":
      return readMove(args);
    case "OUT":
      return { type: "ended", error: endReason(args[0]) };
    default:
      return OTHER;
  }
}

/** How the server answers USR I: with another server, with what a ticket has to be good for, or with OK. */
export function readIntroduction({ name, args }: Command): Introduction {
  if (name === "XFR") return readReferral(args);
  return isOk(args) ? { type: "signed-in", name: ownName(args) } : readChallenge(args);
}

/** @returns the own display name in the answer to the ticket */
export function readWelcome({ args }: Command): string | undefined {
  if (!isOk(args)) throw new MsnError("protocol", "the server answered the ticket with something unknown");
  return ownName(args);
}

/** XFR t SB host:port CKI key */
export function readTicket(target: string | undefined, key: string | undefined): SwitchboardTicket {
  const address = target === undefined ? undefined : parseAddress(target);
  if (address === undefined || !key)
    throw new MsnError("protocol", "the server named a switchboard that cannot be understood");
  return { address, key };
}

// USR t OK account name verified kid
function isOk([, state]: readonly string[]): boolean {
  return state?.toUpperCase() === "OK";
}

// USR t OK account name verified kid
function ownName([, , , name]: readonly string[]): string | undefined {
  return name === undefined ? undefined : decodeArgument(name);
}

// XFR t NS host[:port] [0 current]
function readReferral([, kind, target]: readonly string[]): Introduction {
  const address = target === undefined ? undefined : parseAddress(target);
  if (kind !== "NS" || address === undefined)
    throw new MsnError("protocol", "the server referred us to a server that cannot be understood");
  return { type: "referral", address };
}

// USR t TWN S policy
function readChallenge([, , step, policy]: readonly string[]): Introduction {
  if (step !== "S" || !policy) throw new MsnError("protocol", "the server asked for a ticket in a way that is unknown");
  return { type: "challenge", policy };
}

// RNG session host:port CKI key caller name
function readRing([session, address, , key, caller]: readonly string[]): ServerSaying {
  if (!session || !caller) return { type: "malformed", problem: "a call without a session or a caller" };
  try {
    return { type: "ring", ring: { ...readTicket(address, key), session, caller: keptKey(caller) } };
  } catch (error) {
    if (error instanceof MsnError) return { type: "malformed", problem: error.message };
    throw error;
  }
}

// CHG t status; without our asking when another client of the account, or an operator, has set it
function readOwnStatus([, code]: readonly string[]): ServerSaying {
  const status = parseStatus(code);
  return status === undefined ? OTHER : { type: "own-status", status };
}

function readMove([, kind, target]: readonly string[]): ServerSaying {
  const address = kind === "NS" && target !== undefined ? parseAddress(target) : undefined;
  return address === undefined ? OTHER : { type: "moved", address };
}

function endReason(reason: string | undefined): MsnError {
  switch (reason) {
    case "OTH":
      return new MsnError("signed-in-elsewhere", "the account signed in somewhere else");
    case "SSD":
      return new MsnError("server-busy", "the server is going down");
    default:
      return new MsnError("connection-closed", "the server ended the session");
  }
}
