import { expect } from "chai";
import { MsnClient, type MsnEvent } from "../../../src/msn/index.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { GOOD_PASSPORT, MemoryServers, NEXUS, passportFetch } from "../../support/memory-msn.ts";
import { rejection } from "../../support/rejection.ts";
import { transcript } from "../../support/transcript.ts";
import { until } from "../../support/until.ts";

const SERVER = { host: "ns", port: 1863, nexusUrl: NEXUS };

async function connected(text: string): Promise<{ client: MsnClient; servers: MemoryServers; events: MsnEvent[] }> {
  const servers = new MemoryServers();
  servers.script("ns:1863", text);
  const { fetch } = passportFetch(GOOD_PASSPORT);
  const options = { server: SERVER, account: "mia@example.com", password: "x", clock: new FakeClock(), fetch };
  const client = new MsnClient({ ...options, dial: servers.dial });
  const events: MsnEvent[] = [];
  client.on("event", (event) => events.push(event));
  await client.connect();
  return { client, servers, events };
}

describe("msn/contacts/contact-list", () => {
  it("changes lists, groups and settings, and understands what the server makes of it", async () => {
    const { client, servers, events } = await connected(`${transcript("login")}${transcript("lists")}`);
    const { contacts } = client;
    const contact = (account: string): unknown => client.roster.contacts.get(account);
    await contacts.befriend("dave@example.com", "1");
    await until("carol", () => events.some((event) => event.type === "request"));
    expect(contact("dave@example.com")).to.deep.include({ name: "Dave", status: "NLN", groups: new Set(["1"]) });
    expect(client.roster.contacts.get("dave@example.com")?.phones).to.deep.equal(
      new Map([
        ["PHW", "555 123"],
        ["MOB", "N"],
      ]),
    );
    expect(events).to.deep.include({ type: "request", account: "carol@example.com", name: "Carol C" });
    expect(contacts.requests).to.deep.equal(["carol@example.com"]);

    await contacts.befriend("carol@example.com");
    expect(contacts.requests).to.deep.equal([]);
    expect(await contacts.addGroup("My Friends")).to.equal("3");
    expect(client.roster.groups.get("3")).to.equal("My Friends");
    await contacts.renameGroup("3", "Best Friends");
    expect(client.roster.groups.get("3")).to.equal("Best Friends");
    await contacts.removeGroup("3");
    expect(client.roster.groups.has("3")).to.equal(false);
    await contacts.rename("Mia 😀");
    expect(client.name).to.equal("Mia 😀");
    await contacts.setPrivacy("BL");
    await contacts.setPrivacy("BL");
    await contacts.setAsksOnAdd(false);
    expect(client.roster).to.include({ privacy: "BL", asksOnAdd: false });
    await contacts.setPhone("PHM", "555 0199");
    await contacts.setPhone("PHH", "");
    expect(client.roster.phones).to.deep.equal(new Map([["PHM", "555 0199"]]));

    await contacts.remove("FL", "dave@example.com");
    expect(contact("dave@example.com")).to.deep.include({ lists: new Set(["AL"]), groups: new Set() });
    await contacts.remove("AL", "dave@example.com");
    await contacts.block("nils@example.com");
    expect(contact("nils@example.com")).to.deep.include({ lists: new Set(["FL", "RL", "BL"]) });
    await contacts.unblock("nils@example.com");
    expect(contact("nils@example.com")).to.deep.include({ lists: new Set(["FL", "RL", "AL"]) });
    expect(await rejection(contacts.add("FL", "olga@example.com", "2"))).to.include({ serverCode: 224 });
    expect(await rejection(contacts.add("FL", "ghost@example.com"))).to.include({ serverCode: 205 });

    await client.changeStatus("AWY");
    await servers.done();
    await until(
      "the last line",
      () => client.roster.contacts.get("olga@example.com")?.phones.get("PHM") === "555 0177",
    );
    expect(client.status).to.equal("BSY");
    expect(contact("carol@example.com")).to.deep.include({ lists: new Set(["AL"]) });
  });

  it("refuses what would close the connection, before it is sent", async () => {
    const { client, servers } = await connected(transcript("login"));
    expect(await rejection(client.contacts.setPhone("PHH", "5".repeat(96)))).to.include({ code: "rejected" });
    expect(await rejection(client.contacts.add("AL", "a b@example.com"))).to.include({ code: "rejected" });
    await servers.done();
  });

  it("says at once that there is no session", async () => {
    const { fetch } = passportFetch(GOOD_PASSPORT);
    const client = new MsnClient({ server: SERVER, account: "mia@example.com", password: "x", fetch });
    expect(await rejection(client.contacts.addGroup("x"))).to.include({ code: "connection-closed" });
    expect(client.status).to.equal("FLN");
  });

  it("reports those who wait for an answer when it signs in, and knows zero contacts for what they are", async () => {
    const login = transcript("login");
    const waiting = login.replace("LST olga@example.com Olga%20P 3 1,2", "LST olga@example.com Olga%20P 8 0");
    expect((await connected(waiting)).events).to.deep.include({
      type: "request",
      account: "olga@example.com",
      name: "Olga P",
    });
    const empty = login.replaceAll(/^S: (?:LST|BPR|LSG|ILN) .*\n/gmu, "").replace("SYN 5 1 3 3", "SYN 5 1 0 0");
    const { client, servers } = await connected(empty);
    await servers.done();
    expect(client.roster.contacts.size).to.equal(0);
    expect((await connected(empty.replace("SYN 5 1 0 0", "SYN 5 1"))).client.roster.version).to.equal(1);
  });

  it("gives a late phone number to the last contact of the lists", async () => {
    const login = transcript("login").replace("S: QNG\n", "S: BPR PHW 555%200111\nS: QNG\n");
    const { client } = await connected(login);
    const pete = client.roster.contacts.get("pete@example.com");
    expect(pete?.phones).to.deep.equal(new Map([["PHW", "555 0111"]]));
    expect(client.roster.phones).to.deep.equal(new Map([["PHH", "555 0100"]]));
    expect(client.roster).to.include({ privacy: "AL", asksOnAdd: true });
  });

  it("goes to another server when it is sent there, for one session", async () => {
    const { client, servers, events } = await connected(`${transcript("login")}S: XFR 0 NS other:1999 0\n`);
    await until("closed", () => events.some((event) => event.type === "closed"));
    servers.script("other:1999", transcript("login"));
    await client.connect();
    servers.streams[1]?.destroy();
    await until("closed again", () => events.filter((event) => event.type === "closed").length === 2);
    servers.script("ns:1863", transcript("login"));
    await client.connect();
    expect(client.isConnected).to.equal(true);
  });

  it("knows the group that it has added, whatever stands beside it in the answer", async () => {
    const { client } = await connected(
      `${transcript("login")}C: ADG 7 Work 0\nS: ADG 7 Work 5 0\nC: ADG 8 Play 0\nS: ADG 8 3 Play 6 0\n` +
        "C: ADG 9 Home 0\nS: ADG 9 4 Home 7\n",
    );
    for (const [name, id] of [
      ["Work", "5"],
      ["Play", "6"],
      ["Home", "7"],
    ] as const) {
      expect(await client.contacts.addGroup(name)).to.equal(id);
      expect(client.roster.groups.get(id)).to.equal(name);
    }
  });

  it("asks where pages of the mail service are", async () => {
    const { client } = await connected(`${transcript("login")}C: URL 7 INBOX\nS: URL 7 /unused1 /unused2 1\n`);
    expect(await client.mailUrl("INBOX")).to.deep.equal({ page: "/unused1", formUrl: "/unused2", id: "1" });
  });
});
