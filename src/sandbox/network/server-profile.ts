import { randomInt } from "node:crypto";

import type { Rate } from "../../util/rate-limit.ts";
import { randomHex } from "./keys.ts";
import { LONGEST_MESSAGE, isAckLetter, judge, type AckLetter, type Verdict } from "../wire/message.ts";
import { escapeArgument, escapeSpace, percentDecode, type TextForm } from "../wire/wire.ts";

/** How often something may be asked for before 800 is the answer. */
export interface Rates {
  /** `XFR t SB`. */
  readonly transfer: Rate;
  /** `CHG`. */
  readonly status: Rate;
}

/** What the official servers allowed. */
export const OFFICIAL_RATES: Rates = {
  transfer: { burst: 5, everyMs: 7600 },
  status: { burst: 5, everyMs: 2000 },
};

export type ProfileName = "today" | "official";

/** All that differs between kinds of servers. */
export interface ServerProfile {
  /** The port where clients come in answers `USR I` with the address of another one. */
  readonly dispatches: boolean;
  /** What stands behind the dialect in the answer to VER. */
  readonly pseudoDialect: "CVR0" | undefined;
  /** Whether USR is refused before CVR. */
  readonly needsClientVersion: boolean;
  /** How long after a right answer the next challenge comes, in milliseconds; undefined when none ever comes. */
  readonly challengeEveryMs: number | undefined;
  /** Whether there is an answer to what cannot be understood or done, or nothing but silence. */
  readonly answersErrors: boolean;
  /** The numbers of errors that are not the same everywhere. */
  readonly codes: {
    readonly secondLogin: 205 | 207;
    readonly groupZero: 224 | 230;
    /** CAL to an account that is there for those on its AL only. */
    readonly stranger: 216 | 217;
  };
  /** Bytes of a percent-encoded display name. */
  readonly longestName: number;
  readonly mostGroups: number;
  /** Undefined when nothing is limited. */
  readonly rates: Rates | undefined;
  /** What names and other texts look like in memory. */
  readonly text: TextForm;

  /** List versions belong to the account and outlive the connection; SYN with the current one gets no list. */
  readonly keepsVersions: boolean;
  /** A second SYN is refused. */
  readonly synchronisesOnce: boolean;
  /** LST names groups for those who are not on the FL as well. */
  readonly groupsForAll: boolean;
  /**
   * ADD refuses whoever is there already or on the opposite list, a contact goes with the last group, and REM reports
   * nothing of the other's RL.
   */
  readonly strictLists: boolean;
  /** ADD FL describes also those who were on no list before. */
  readonly describesStrangers: boolean;
  /** XML follows each change of the RL. */
  readonly addressBookNotices: boolean;
  readonly needsCapabilities: boolean;
  /** PRP fails at MOB before MBE was set. */
  readonly mobileNeedsDevice: boolean;
  /** What the hidden do is told to others. */
  readonly leaksHidden: boolean;

  readonly sessionId: () => string;
  /** How long nothing may happen on a switchboard, in milliseconds; undefined when it does not matter. */
  readonly idleBoardMs: number | undefined;
  readonly judge: (ack: string, payload: Buffer) => Verdict;
  /** The answer to a message, by the number of people who were there to get it. */
  readonly messageReply: (ack: AckLetter, listeners: number) => "ACK" | "NAK" | undefined;
}

/** The servers people run today (docs/msnp.md 8.1). */
const TODAYS_SERVERS: ServerProfile = {
  dispatches: false,
  pseudoDialect: undefined,
  needsClientVersion: false,
  challengeEveryMs: undefined,
  answersErrors: false,
  codes: { secondLogin: 205, groupZero: 224, stranger: 217 },
  longestName: Infinity,
  mostGroups: Infinity,
  rates: undefined,
  // Plain in memory: what comes in is decoded, and little of what goes out is encoded again.
  text: { read: percentDecode, write: escapeArgument, fromPlain: (text) => text, toPlain: (text) => text },

  keepsVersions: false,
  synchronisesOnce: false,
  groupsForAll: true,
  strictLists: false,
  describesStrangers: false,
  addressBookNotices: true,
  needsCapabilities: true,
  mobileNeedsDevice: true,
  leaksHidden: true,

  sessionId: () => randomHex(31),
  idleBoardMs: undefined,
  judge,
  messageReply: (ack) => (ack === "A" || ack === "D" ? "ACK" : undefined),
};

/** The servers that Microsoft ran, and what else does as they did (docs/msnp.md 8.2). */
const OFFICIAL_SERVERS: ServerProfile = {
  dispatches: true,
  pseudoDialect: "CVR0",
  needsClientVersion: true,
  challengeEveryMs: 4 * 60_000,
  answersErrors: true,
  codes: { secondLogin: 207, groupZero: 230, stranger: 216 },
  longestName: 387,
  mostGroups: 30,
  rates: undefined,
  // Others get what a client wrote, letter by letter, so it stays as it came.
  text: { read: (word) => word, write: escapeSpace, fromPlain: encodeURIComponent, toPlain: percentDecode },

  keepsVersions: true,
  synchronisesOnce: true,
  groupsForAll: false,
  strictLists: true,
  describesStrangers: true,
  addressBookNotices: false,
  needsCapabilities: false,
  mobileNeedsDevice: false,
  leaksHidden: false,

  sessionId: () => String(randomInt(10_000_000, 2 ** 31)),
  idleBoardMs: 5 * 60_000,
  judge: (ack, payload) => (isAckLetter(ack) && payload.length <= LONGEST_MESSAGE ? "relay" : "close"),
  messageReply: (ack, listeners) => {
    if (ack === "U") return undefined;
    if (listeners === 0) return "NAK";
    return ack === "N" ? undefined : "ACK";
  },
};

export const PROFILES: Readonly<Record<ProfileName, ServerProfile>> = {
  today: TODAYS_SERVERS,
  official: OFFICIAL_SERVERS,
};
