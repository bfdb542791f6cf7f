import { expect } from "chai";
import { MIA, TestBridge } from "../support/test-bridge.ts";
import { until } from "../support/until.ts";

const EVA = { passport: "eva@example.com", password: "eva's" };

describe("logging in", () => {
  let bridge: TestBridge;
  let room: string;
  afterEach(() => bridge.close());

  async function begin(keys: Record<string, object> = {}): Promise<void> {
    bridge = await TestBridge.started({ keys });
    bridge.sandbox.addAccount(EVA);
    room = await bridge.login();
  }

  const loginAs = ({ passport, password }: typeof EVA): string => `login sandbox ${passport} ${password}`;

  it("works with several accounts, which are named where it matters", async () => {
    await begin();
    await bridge.ask(room, loginAs(EVA), "You are signed in to Sandbox as eva@example.com");
    const list = await bridge.ask(room, "list-logins", "sandbox/mia@example.com: ");
    expect(list.body.split("\n")).to.have.length(2);
    await bridge.ask(
      room,
      "privacy",
      `You have several logins, so add which one you mean: ${MIA.passport}, ${EVA.passport}.`,
    );
    await bridge.ask(room, `privacy closed sandbox/${EVA.passport}`, `The privacy of ${EVA.passport} is closed`);
    await bridge.ask(room, `privacy ${MIA.passport}`, "is open");
    await bridge.ask(room, "logout nobody@example.com", "You have no login nobody@example.com");
    await bridge.ask(room, `logout ${EVA.passport}`, "You are signed out of Sandbox as eva@example.com");
    await bridge.ask(room, "logins", "sandbox/eva@example.com: eva@example.com on Sandbox: logged out");
  });

  it("works on several servers, also with the same address, and then the server has to be named", async () => {
    bridge = await TestBridge.started({
      keys: ({ host, port, nexusUrl }) => {
        const first = { id: "sandbox", name: "Sandbox", host, port, nexusUrl, throttles: false };
        return { msn: { servers: [first, { ...first, id: "again", name: "Again" }] } };
      },
    });
    room = await bridge.login();
    await bridge.ask(room, `login again ${MIA.passport} ${MIA.password}`, "You are signed in to Again");
    await bridge.ask(room, "privacy", "add which one you mean: sandbox/mia@example.com, again/mia@example.com.");
    await bridge.ask(room, `logout ${MIA.passport}`, "Say on which server you mean it");
    await bridge.ask(room, `privacy again/${MIA.passport}`, "is open");
    await bridge.ask(room, `logout again/${MIA.passport} keep`, "You are signed out of Again");
  });

  it("is refused beyond as many accounts as are configured", async () => {
    await begin({ bridge: { max_logins: 1 } });
    await bridge.ask(room, loginAs(EVA), "You may have one MSN account on this bridge. Say logout");
    await bridge.ask(room, loginAs(MIA), "You are signed in");
    await bridge.ask(room, "logout", "You are signed out");
    await bridge.ask(room, loginAs(EVA), "You are signed in to Sandbox as eva@example.com");
    await bridge.ask(room, `login sandbox ${MIA.passport} x`, "You may have one MSN account");
  });

  it("of two people with one account at the same time lets the second in once the first has ended", async () => {
    await begin();
    const bob = bridge.fake.user("bob");
    const his = await bridge.manage(bob);
    bridge.sandbox.stall("logins", true);
    bridge.alice.say(room, loginAs(EVA));
    await until("her password", () => bridge.sandbox.stalledLogins === 1);
    bridge.sandbox.stall("logins", false);
    for (const password of ["wrong", "Eva's", `${EVA.password} x`])
      await bridge.ask(his, loginAs({ ...EVA, password }), "refused the e-mail address or the password", bob);
    bob.say(his, loginAs(EVA));
    await bridge.ask(room, "cancel", "Cancelled");
    await bridge.reads(bob, his, "You are signed in to Sandbox as eva@example.com");
  });

  for (const [what, before, said] of [
    ["in one line", [], loginAs(EVA)],
    ["with a password that was asked for", [`login sandbox ${EVA.passport}`], EVA.password],
    ["of another account", [loginAs(MIA)], loginAs(EVA)],
  ] as const) {
    it(`ends at once with logout, although the server does not answer: one ${what}`, async () => {
      await begin();
      for (const text of before) await bridge.ask(room, text, "");
      bridge.sandbox.stall("logins", true);
      bridge.alice.say(room, said);
      await until("the redaction", () => bridge.alice.messages(room).every(({ body }) => !body.includes(EVA.password)));
      await bridge.ask(room, "logout", "The sign-in was cancelled");
      await bridge.reads(bridge.alice, room, "You are signed out of Sandbox as mia@example.com");
      bridge.sandbox.stall("logins", false);
      await bridge.ask(room, "status", "logged out. Say login");
      expect(bridge.sandbox.sessions(EVA.passport)).to.equal(0);
    });
  }

  it("keeps nobody waiting who stops the bridge, although the server does not answer", async () => {
    for (const isFirst of [true, false]) {
      if (isFirst) {
        bridge = await TestBridge.started();
        room = await bridge.manage();
      } else {
        await bridge.start();
        await bridge.ask(room, loginAs(MIA), "You are signed in");
      }
      bridge.sandbox.stall("logins", true);
      bridge.alice.say(room, loginAs(MIA));
      await until("the redaction", () => bridge.alice.messages(room).every(({ body }) => !body.startsWith("login")));
      const from = Date.now();
      await bridge.stopBridge();
      expect(Date.now() - from, "the client's own patience is 30 s").to.be.lessThan(25_000);
      bridge.sandbox.stall("logins", false);
    }
    await bridge.start();
    await bridge.reads(bridge.alice, room, "This bridge was stopped while it worked on your command");
  });

  it("takes a new password, which is kept", async () => {
    await begin();
    await bridge.ask(room, "password", `What is the password of ${MIA.passport}?`);
    await bridge.ask(room, MIA.password, "You are signed in");
    expect(bridge.alice.messages(room).some(({ body }) => body.includes(MIA.password))).to.equal(false);
  });

  it("removes a password that comes when the question is forgotten, because the bridge was restarted", async () => {
    await begin();
    await bridge.ask(room, `login sandbox ${EVA.passport}`, "What is the password");
    await bridge.stopBridge();
    await bridge.start();
    await bridge.ask(room, "help login", "signs you in");
    await bridge.ask(room, "secret-word-of-eva", "so I took this for it");
    expect(bridge.alice.messages(room).some(({ body }) => body.includes("secret-word"))).to.equal(false);
    await bridge.ask(room, "another-word", "I do not know that command");
    expect(bridge.alice.messages(room).some(({ body }) => body.includes("another-word"))).to.equal(true);
  });

  it("removes nothing after the password was given or not wanted any more", async () => {
    await begin();
    for (const [answer, reply] of [
      [EVA.password, "You are signed in"],
      ["cancel", "Cancelled"],
    ] as const) {
      await bridge.ask(room, `login sandbox ${EVA.passport}`, "What is the password");
      await bridge.ask(room, answer, reply);
      await bridge.ask(room, "xyzzyxyzzy", "I do not know that command");
      expect(bridge.alice.messages(room).at(-2)?.body).to.equal("xyzzyxyzzy");
    }
  });

  it("does not ask for a password in a chat with a contact, who would get the answer", async () => {
    await begin();
    bridge.sandbox.contact("nils@example.com", "Nils");
    bridge.alice.say(room, "start-chat nils@example.com");
    const portal = await bridge.joinRoomOf("nils@example.com");
    for (const text of ["!msn login", "!msn password"]) {
      bridge.alice.say(portal, text);
      await until("refusals", () =>
        bridge.alice.messages(portal).some(({ body }) => body.includes("Say that in your chat with me")),
      );
    }
  });

  describe("to an account that another user of the bridge has", () => {
    const bob = (): ReturnType<TestBridge["fake"]["user"]> => bridge.fake.user("bob");
    let his: string;
    beforeEach(async () => {
      await begin();
      his = await bridge.manage(bob());
    });

    const said = (): string => bridge.alice.messages(room).at(-1)?.body ?? "";

    it("answers a wrong password as for an account that nobody has, and leaves the session alone", async () => {
      const before = said();
      const answers = new Set<string>();
      for (const [passport, password] of [
        [MIA.passport, "wrong"],
        [MIA.passport, MIA.password.toUpperCase()],
        ["MIA@example.com", `${MIA.password}x`],
        ["nobody@example.com", "wrong"],
      ] as const) {
        const { body } = await bridge.ask(his, `login sandbox ${passport} ${password}`, "refused the e-mail", bob());
        answers.add(body.replaceAll(passport, "…"));
        await bridge.ask(his, "cancel", "Cancelled", bob());
      }
      expect([...answers]).to.have.length(1);
      expect(bridge.sandbox.sessions(MIA.passport)).to.equal(1);
      await bridge.ask(room, "ping", "answered in");
      expect(bridge.alice.messages(room).filter(({ body }) => body === before)).to.have.length(1);
    });

    it("tells whoever knows the password, without ending the session, and does nothing without a yes", async () => {
      for (const answer of ["no", "maybe", "never mind"]) {
        await bridge.ask(his, `login sandbox ${MIA.passport} ${MIA.password}`, "already in use on this bridge", bob());
        expect(bob().messages(his).at(-1)?.body).not.to.include("alice");
        await bridge.ask(his, answer, "Nothing was done", bob());
      }
      expect(bridge.sandbox.sessions(MIA.passport)).to.equal(1);
      await bridge.ask(room, "status", "signed in since");
      expect(bridge.alice.messages(room).some(({ body }) => /somewhere else|taken over/u.test(body))).to.equal(false);
    });

    it("takes it over after a yes, and tells the other one, but not who it was", async () => {
      await bridge.ask(his, `login sandbox ${MIA.passport} ${MIA.password}`, "already in use on this bridge", bob());
      await bridge.ask(his, "yes", "You are signed in to Sandbox as mia@example.com", bob());
      const notice = await bridge.reads(bridge.alice, room, "was taken over");
      expect(notice.body).not.to.include("bob");
      await bridge.ask(room, "logins", "logged out");
      expect(bridge.sandbox.sessions(MIA.passport)).to.equal(1);
      expect(bridge.alice.messages(room).some(({ body }) => body.includes("somewhere else"))).to.equal(false);
    });
  });
});
