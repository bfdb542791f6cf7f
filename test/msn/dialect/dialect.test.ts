import { expect } from "chai";
import { MsnClient, type Dialect, type MsnEvent, type RosterChange } from "../../../src/msn/index.ts";
import { DIALECTS } from "../../../src/msn/index.ts";
import type { Command } from "../../../src/msn/wire/command.ts";
import { decodeArgument, encodeArgument } from "../../../src/msn/wire/command.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { GOOD_PASSPORT, MemoryServers, NEXUS, passportFetch } from "../../support/memory-msn.ts";
import { until } from "../../support/until.ts";

// A later version of the protocol in short: contacts and groups have ids, lists and names are changed by other commands,
// and the server says the own name by itself. Everything outside `msn/dialect` is as it is.

const { MSNP8 } = DIALECTS;

const LISTS = [
  [1, "FL"],
  [2, "AL"],
  [4, "BL"],
  [8, "RL"],
] as const;

/** The arguments of the form `N=nils@example.com`, by their letter. */
function lettered(args: readonly string[]): Record<string, string> {
  return Object.fromEntries(args.flatMap((arg) => (/^[NFC]=/.test(arg) ? [[arg.slice(0, 1), arg.slice(2)]] : [])));
}

// LST N=account [F=name] [C=id] bits [groups]
function readListed(args: readonly string[]): RosterChange {
  const { N: account = "", F: name = account, C: id } = lettered(args);
  const [bits = "0", groups = ""] = args.filter((arg) => !/^[NFC]=/.test(arg));
  const lists = new Set(LISTS.flatMap(([bit, list]) => ((Number(bits) & bit) === 0 ? [] : [list])));
  const ids = new Set(groups.split(",").filter((group) => group !== ""));
  return { type: "contact", account, ...(id && { id }), name: decodeArgument(name), lists, groups: ids };
}

// ADC t list N=account [F=name] [C=id], or ADC t FL C=id group
function readAdded([, list, ...rest]: readonly string[], accountOf: (id: string) => string | undefined): RosterChange {
  const { N, F = "", C: id } = lettered(rest);
  const group = rest.find((arg) => !/^[NFC]=/.test(arg));
  const account = N ?? accountOf(id ?? "") ?? "";
  const name = decodeArgument(F);
  const known = LISTS.find(([, one]) => one === list)?.[1] ?? "FL";
  return { type: "listed", list: known, account, ...(id && { id }), name, group };
}

const nothing = (): void => undefined;

const later: Dialect = {
  ...MSNP8,
  name: "MSNP-LATER",
  noGroup: undefined,
  read(command: Command, known) {
    const { name, args } = command;
    switch (name) {
      // LSG name id
      case "LSG":
        return { type: "roster", change: { type: "group", name: decodeArgument(args[0] ?? ""), id: args[1] ?? "" } };
      case "LST":
        return { type: "roster", change: readListed(args) };
      case "ADC":
        return { type: "roster", change: readAdded(args, (id) => known.accountOf(id)) };
      case "REM": {
        const [, list = "FL", who = "", group] = args;
        const account = list === "FL" ? (known.accountOf(who) ?? "") : who;
        const gone = LISTS.find(([, one]) => one === list)?.[1] ?? "FL";
        return { type: "roster", change: { type: "unlisted", list: gone, account, group } };
      }
      case "PRP":
        if (args.at(-2) === "MFN") return { type: "own-name", name: decodeArgument(args.at(-1) ?? "") };
        return MSNP8.read(command, known);
      default:
        return MSNP8.read(command, known);
    }
  },
  offer: () => ({ name: "VER", args: ["MSNP-LATER", "CVR0"], read: nothing }),
  authenticate: (ticket) => ({ name: "USR", args: ["TWN", "S", ticket], read: () => undefined }),
  loadLists: () => ({ name: "SYN", args: ["0", "0"], read: nothing }),
  showStatus: (status) => ({ name: "CHG", args: [status, "64", "0"], read: nothing }),
  addToList: (list, { account, id }, group) => ({
    name: "ADC",
    args:
      group !== undefined && id !== undefined
        ? [list, `C=${id}`, group]
        : [list, `N=${account}`, ...(list === "FL" ? [`F=${account}`] : [])],
    settledBy: ["already-there"],
    read: nothing,
  }),
  removeFromList: (list, { account, id }, group) => ({
    name: "REM",
    args: [list, list === "FL" ? (id ?? account) : account, ...(group === undefined ? [] : [group])],
    settledBy: ["not-there"],
    read: nothing,
  }),
  rename: (_account, name) => ({ name: "PRP", args: ["MFN", encodeArgument(name)], read: nothing }),
};

const DIALOGUE = `
C: VER 1 MSNP-LATER CVR0
S: VER 1 MSNP-LATER
C: CVR 2 0x0409 win 4.10 i386 MSNMSGR 5.0.0544 MSMSGS mia@example.com
S: CVR 2 1 1 1 x x
C: USR 3 TWN I mia@example.com
S: USR 3 TWN S ct=1,rver=1,wp=FS_40SEC_0_COMPACT,lc=1,id=1
C: USR 4 TWN S f894367a91ac33850b8f
S: USR 4 OK mia@example.com 1 0
C: SYN 5 0 0
C: PNG
S: SYN 5 2026-01-01T00:00:00 2026-01-01T00:00:00 1 1
S: PRP MFN Mia%20K
S: LSG Friends g-1
S: LST N=nils@example.com F=Nils C=c-1 11 g-1
S: QNG
C: CHG 6 NLN 64 0
S: CHG 6 NLN 64 0
C: ADC 7 AL N=olga@example.com
S: ADC 7 AL N=olga@example.com
C: ADC 8 FL N=olga@example.com F=olga@example.com
S: ADC 8 FL N=olga@example.com F=Olga C=c-2
C: ADC 9 FL C=c-2 g-1
S: ADC 9 FL C=c-2 g-1
C: ADC 10 FL C=c-1 g-2
S: ADC 10 FL C=c-1 g-2
C: REM 11 FL c-1 g-1
S: REM 11 FL c-1 g-1
C: REM 12 FL c-1
S: REM 12 FL c-1
C: PRP 13 MFN Mia
S: PRP 13 MFN Mia
S: ADC 0 RL N=pete@example.com F=Pete
C: OUT
`;

describe("msn/dialect", () => {
  it("is all that another version of the protocol needs", async () => {
    const servers = new MemoryServers();
    servers.script("ns:1863", DIALOGUE);
    const client = new MsnClient({
      server: { host: "ns", port: 1863, nexusUrl: NEXUS },
      account: "mia@example.com",
      password: "x",
      dialect: later,
      clock: new FakeClock(),
      fetch: passportFetch(GOOD_PASSPORT).fetch,
      dial: servers.dial,
    });
    const events: MsnEvent[] = [];
    client.on("event", (event) => events.push(event));
    await client.connect();
    expect(client.name).to.equal("Mia K");
    expect([...client.roster.groups]).to.deep.equal([["g-1", "Friends"]]);
    const contact = (account: string): unknown => client.roster.contacts.get(account);
    expect(contact("nils@example.com")).to.deep.include({ id: "c-1", name: "Nils", groups: new Set(["g-1"]) });

    await client.contacts.befriend("olga@example.com", "g-1");
    expect(contact("olga@example.com")).to.deep.include({
      id: "c-2",
      lists: new Set(["AL", "FL"]),
      groups: new Set(["g-1"]),
    });
    const { contacts } = client;
    await contacts.move("nils@example.com", "g-1", "g-2");
    expect(contact("nils@example.com")).to.deep.include({ groups: new Set(["g-2"]) });
    await contacts.remove("FL", "nils@example.com");
    expect(contact("nils@example.com")).to.deep.include({ lists: new Set(["AL", "RL"]), groups: new Set() });
    await contacts.rename("Mia");
    expect(client.name).to.equal("Mia");
    await until("the request", () => events.some((event) => event.type === "request"));
    expect(contacts.requests).to.deep.equal(["pete@example.com"]);
    await client.disconnect();
    await servers.done();
  });

  it("has the names of the configuration", () => {
    for (const [name, dialect] of Object.entries(DIALECTS)) expect(dialect.name).to.equal(name);
  });
});
