import {
  MsnClient,
  type Content,
  type MsnErrorCode,
  type MsnEvent,
  type RosterChange,
  type Status,
  type TextStyle,
} from "../../src/msn/index.ts";
import { FakeClock } from "./fake-clock.ts";
import { MemoryServers, NEXUS, passportFetch } from "./memory-msn.ts";
import { sectionsOf, type Packets } from "./transcript.ts";
import { until } from "./until.ts";

/** What the client reports, with an error's code for the error, and groups called `group 1`, `group 2` as they come. */
export type Report = Exclude<MsnEvent, { type: "closed" }> | { readonly type: "closed"; readonly error: MsnErrorCode };

type EventOf<Type extends MsnEvent["type"]> = Extract<MsnEvent, { type: Type }>;

export const ADA = "ada@example.com";
export const BEN = "ben@example.com";
export const CLEO = "cleo@example.org";
export const DOV = "dov@example.net";
export const EVA = "eva@example.com";
export const FINN = "finn@example.org";

export const LOGIN = "https://chat.example.net/login";

/** What the nexus and the login service answer, by address. */
export type Passport = Record<string, () => Response>;

/** Passport as the servers of today do it, with the ticket that the transcripts show. */
export const PASSPORT: Passport = {
  [NEXUS]: () => new Response(null, { headers: { PassportURLs: `DALogin=${LOGIN}` } }),
  [LOGIN]: () =>
    new Response(null, {
      headers: { "Authentication-Info": "Passport1.4 da-status=success,from-PP='5be0c1d27a94f3368e10'" },
    }),
};

/** What a caller of the library does in a transcript, and what the client has to make of it. */
export interface Dialogue {
  readonly passport?: () => Passport;
  /** Does what the caller does, and looks at results and roster. */
  readonly play: (stage: Stage) => Promise<void>;
  /** Everything that the client reports, in order. */
  readonly reports: readonly Report[];
}

export type Dialogues = Readonly<Record<string, Dialogue>>;

/** A client whose servers play a transcript. */
export class Stage {
  readonly client: MsnClient;
  readonly clock = new FakeClock();
  readonly servers: MemoryServers;
  readonly events: MsnEvent[] = [];
  /** What the login service was asked. */
  readonly requests: ReadonlyArray<{ url: string; authorization: string }>;
  readonly #expected: number;
  #seen = 0;

  constructor(name: string, { passport, reports }: Dialogue, packets: Packets) {
    this.#expected = reports.length;
    this.servers = new MemoryServers(packets);
    for (const { address, text } of sectionsOf(name)) this.servers.script(address, text);
    const { fetch, requests } = passportFetch(passport?.() ?? PASSPORT);
    this.requests = requests;
    this.client = new MsnClient({
      server: { host: "ns", port: 1863, nexusUrl: NEXUS },
      account: ADA,
      password: "sea, wind = 100%",
      clock: this.clock,
      fetch,
      dial: this.servers.dial,
    });
    this.client.on("event", (event) => this.events.push(event));
  }

  /** The next event of a kind, behind the one that was waited for last. */
  async next<Type extends MsnEvent["type"]>(type: Type): Promise<EventOf<Type>> {
    return until(`an event ${type}`, () => {
      for (let at = this.#seen; at < this.events.length; at += 1) {
        const event = this.events[at];
        if (event === undefined || !isOf(event, type)) continue;
        this.#seen = at + 1;
        return event;
      }
      return undefined;
    });
  }

  /** Waits until everything has been reported that should be. */
  async all(): Promise<void> {
    await until("every report", () => this.events.length >= this.#expected).catch(() => undefined);
  }

  get reports(): Report[] {
    const ids = new Set(this.events.flatMap((event) => ("group" in event && event.group ? [event.group] : [])));
    const names = new Map([...ids].map((id, at) => [id, `group ${at + 1}`]));
    return this.events.map((event): Report => {
      if (event.type === "closed") return { type: "closed", error: event.error.code };
      return "group" in event && event.group ? { ...event, group: names.get(event.group) ?? event.group } : event;
    });
  }
}

function isOf<Type extends MsnEvent["type"]>(event: MsnEvent, type: Type): event is EventOf<Type> {
  return event.type === type;
}

/** Signs in before, and signs out when everything has been reported. */
export function online(act: (stage: Stage) => Promise<void> | void): Dialogue["play"] {
  return async (stage) => {
    await stage.client.connect();
    await stage.next("presence");
    await act(stage);
    await stage.all();
    await stage.client.disconnect();
  };
}

export function presence(account: string, status: Status, name: string): Report {
  return { type: "presence", account, status, name };
}

export function roster(change: RosterChange): Report {
  return { type: "roster", change };
}

export function named(account: string, name: string): Report {
  return { type: "name", account, name };
}

export function said(account: string, name: string, content: Content, group?: string): Report {
  return { type: "content", account, name, content, group };
}

/** What everybody in the transcripts writes in. */
const VERDANA: TextStyle = {
  font: "Verdana",
  bold: false,
  italic: false,
  underline: false,
  strike: false,
  color: "#000000",
  charset: 0,
  family: "swiss",
  pitch: "variable",
  rightToLeft: false,
};

export function words(text: string): Content {
  return { type: "text", text, style: VERDANA };
}

/** What the client reports while `arrival` is played. */
export const ARRIVAL: readonly Report[] = [
  {
    type: "notice",
    notice: {
      type: "profile",
      fields: new Map([
        ["mime-version", "1.0"],
        ["content-type", "text/x-msmsgsprofile; charset=UTF-8"],
        ["logintime", "1793444400"],
        ["emailenabled", "0"],
        ["memberidhigh", "1184021733"],
        ["memberidlow", "990412087"],
        ["preferredemail", ""],
        ["age", ""],
        ["sid", "507"],
        ["mspauth", "5be0c1d27a94f3368e10Qm+J&p="],
        ["clientip", "198.51.100.77"],
        ["mpopenabled", "0"],
      ]),
    },
  },
  presence(BEN, "AWY", "Ben"),
];
