import { expect } from "chai";
import { MsnClient, type MsnEvent } from "../../../src/msn/index.ts";
import { TestSandbox } from "../../support/sandbox/test-sandbox.ts";
import { rejection } from "../../support/rejection.ts";
import { until } from "../../support/until.ts";

const MIA = { passport: "mia@example.com", password: "x", name: "Mia" };
const [NILS, OLGA, PETE] = ["nils@example.com", "olga@example.com", "pete@example.com"] as const;

describe("msn/chat/conversations: groups", () => {
  let sandbox: TestSandbox;
  let client: MsnClient;
  let events: MsnEvent[];
  beforeEach(async () => {
    sandbox = await TestSandbox.start({ accounts: [MIA, { passport: "kim@example.com", password: "x", name: "Kim" }] });
    const { host, port, nexusUrl } = sandbox;
    client = new MsnClient({ server: { host, port, nexusUrl }, account: MIA.passport, password: "x" });
    events = [];
    client.on("event", (event) => events.push(event));
    for (const [account, name] of [
      [NILS, "Nils"],
      [OLGA, "Olga"],
      [PETE, "Pete"],
    ] as const)
      sandbox.contact(account, name);
    await client.connect();
  });
  afterEach(async () => {
    await client.disconnect();
    await sandbox.stop();
  });

  const text = (words: string): { type: "text"; text: string } => ({ type: "text", text: words });
  const heard = (account: string): string[] => sandbox.contact(account).received.map((one) => one.text);
  const joined = (): string[] => events.flatMap((event) => (event.type === "joined" ? [event.account] : []));

  it("a direct conversation that gets a third person goes on as a group, and a fresh board serves the two", async () => {
    const direct = client.conversation(NILS);
    await direct.send(text("to nils"));
    await direct.invite(OLGA);
    await until("joined", () => joined().length === 2);
    expect(joined()).to.have.members([NILS, OLGA]);
    const group = events.find((event) => event.type === "joined")?.group ?? "";
    expect([...(client.group(group)?.people ?? [])]).to.have.members([NILS, OLGA]);
    expect(await client.group(group)?.send(text("to both"))).to.deep.equal({ state: "delivered" });
    await direct.send(text("to nils alone"));
    await until("all heard", () => heard(NILS).length === 3 && heard(OLGA).length === 1);
    expect(heard(OLGA)).to.deep.equal(["to both"]);
    expect(heard(NILS)).to.have.members(["to nils", "to both", "to nils alone"]);
  });

  it("tells what is said in a group from what is said to us alone", async () => {
    const group = client.groupOf([NILS, OLGA]);
    await group.send(text("hello"));
    await until("both hear", () => heard(NILS).length + heard(OLGA).length === 2);
    await sandbox.contact(OLGA).say(NILS, "to everybody");
    const content = await until("content", () => events.find((event) => event.type === "content"));
    expect(content).to.include({ account: OLGA, group: group.id });
    await sandbox.contact(PETE).say(MIA.passport, "to mia");
    await until("direct", () =>
      events.some((event) => event.type === "content" && event.account === PETE && event.group === undefined),
    );
  });

  it("finds a group again by its people, also when a new board is opened for them", async () => {
    const group = client.groupOf([NILS, OLGA]);
    expect(client.groupOf([OLGA.toUpperCase(), NILS])).to.equal(group);
    await group.send(text("one"));
    group.leave();
    await until("left", () => sandbox.boards() === 0 || group.present.size === 0);
    await group.send(text("two"));
    await until("both heard two", () => heard(NILS).includes("two") && heard(OLGA).includes("two"));
    expect([...group.present]).to.have.members([NILS, OLGA]);
    expect(client.groupOf([NILS, OLGA, PETE])).not.to.equal(group);
  });

  it("stays the same group when people come and go, and remembers the most it has had", async () => {
    const group = client.groupOf([NILS, OLGA]);
    await group.send(text("one"));
    await until("both there", () => group.present.size === 2);
    await group.invite(PETE);
    await until("pete", () => group.people.size === 3);
    sandbox.contact(OLGA).leave(MIA.passport);
    await until("olga has left", () => events.some((event) => event.type === "left" && event.account === OLGA));
    expect([...group.present]).to.have.members([NILS, PETE]);
    expect(await group.send(text("two"))).to.deep.equal({ state: "delivered" });
    expect([...group.people]).to.have.members([NILS, OLGA, PETE]);
  });

  it("talks to those who come when not everybody does, and fails when nobody does", async () => {
    sandbox.contact(OLGA).signOut();
    expect(await client.groupOf([NILS, OLGA]).send(text("one"))).to.deep.equal({ state: "delivered" });
    sandbox.contact(PETE).signOut();
    const delivery = await client.groupOf([OLGA, PETE]).send(text("one"));
    expect(delivery).to.have.property("state", "failed");
    if (delivery.state === "failed") expect(delivery.error.code).to.equal("contact-offline");
    expect(() => client.groupOf([NILS])).to.throw("at least two");
  });

  it("calls everybody who is not there, and says who has not come", async () => {
    sandbox.contact(OLGA).signOut();
    const group = client.groupOf([NILS, OLGA, PETE]);
    expect(await group.gather()).to.deep.equal([OLGA]);
    sandbox.contact(OLGA).signIn();
    expect(await group.gather()).to.deep.equal([]);
    expect([...group.present]).to.have.members([NILS, OLGA, PETE]);
    for (const account of [NILS, OLGA]) sandbox.contact(account).signOut();
    const failure = await rejection(client.groupOf([NILS, OLGA]).gather());
    expect(failure).to.include({ code: "contact-offline" });
  });

  it("opens one board for words and calls that come at once", async () => {
    const group = client.groupOf([NILS, OLGA]);
    await Promise.all([group.send(text("hello")), group.invite(PETE), group.gather()]);
    expect(sandbox.boards()).to.equal(1);
    expect([...group.present]).to.have.members([NILS, OLGA, PETE]);
  });

  it("tells who leaves from those whom the end of a board takes away", async () => {
    const group = client.groupOf([NILS, OLGA]);
    await group.gather();
    sandbox.contact(OLGA).leaveAll();
    await until("olga has left", () => events.some((event) => event.type === "left"));
    group.leave();
    const left = (): MsnEvent[] => events.filter((event) => event.type === "left");
    await until("both have left", () => left().length === 2);
    expect(left()).to.deep.equal([
      { type: "left", group: group.id, account: OLGA, quietly: false },
      { type: "left", group: group.id, account: NILS, quietly: true },
    ]);
  });

  it("is called into a group that others have opened", async () => {
    const { host, port, nexusUrl } = sandbox;
    const kim = new MsnClient({ server: { host, port, nexusUrl }, account: "kim@example.com", password: "x" });
    await kim.connect();
    try {
      const theirs = kim.groupOf([NILS, MIA.passport]);
      await theirs.send(text("all of us"));
      const content = await until("content", () => events.find((event) => event.type === "content"));
      expect(content.account).to.equal("kim@example.com");
      await until("three", () => kim.groupOf([NILS, MIA.passport]).present.size === 2);
    } finally {
      await kim.disconnect();
    }
  });

  it("uses the switchboards of whoever makes them", async () => {
    let made = 0;
    const { host, port, nexusUrl } = sandbox;
    await client.disconnect();
    const { SwitchboardClient } = await import("../../../src/msn/index.ts");
    const other = new MsnClient({
      server: { host, port, nexusUrl },
      account: MIA.passport,
      password: "x",
      switchboardFactory: (options) => {
        made += 1;
        return new SwitchboardClient(options);
      },
    });
    await other.connect();
    await other.conversation(NILS).send(text("hello"));
    expect(made).to.equal(1);
    await other.disconnect();
    expect(await rejection(other.changeStatus("AWY"))).to.include({ code: "connection-closed" });
  });
});
