import { expect } from "chai";
import { EventType, type Room } from "matrix-js-sdk";
import { ghostOf, MIA, NETWORKS, NILS } from "../support/test-bridge.ts";
import { until } from "../support/until.ts";
import { ownSynapseWithSeat } from "./support/shared-synapse.ts";
import { Town } from "./support/town.ts";

const WAIT_MS = 60_000;

for (const [msn, words] of NETWORKS) {
  describe(`double puppets and spaces on a real Synapse, MSN servers ${words}`, () => {
    let town: Town;
    afterEach(() => town.close());

    const joined = async (what: string, wanted: (room: Room) => boolean): Promise<Room> =>
      until(
        what,
        () => town.alice.client.getRooms().find((room) => room.getMyMembership() === "join" && wanted(room)),
        WAIT_MS,
      );
    const chatWithNils = async (): Promise<string> =>
      (await joined("the chat with Nils", (room) => room.getMember(ghostOf(NILS)) !== null)).roomId;
    const directChats = (): Record<string, unknown> => ({
      ...town.alice.client.getAccountData(EventType.Direct)?.getContent(),
    });
    const isDirect = async (roomId: string): Promise<boolean> =>
      until("it is direct", () => JSON.stringify(directChats()[ghostOf(NILS)]) === JSON.stringify([roomId]), WAIT_MS);

    for (const version of ["11", "12"]) {
      it(`with a second registration, rooms of version ${version}: chats and spaces are joined by themselves`, async () => {
        const own = await ownSynapseWithSeat(`default_room_version: "${version}"\n`);
        const keys = {
          bridge: { personal_filtering_spaces: true },
          double_puppet: { secrets: { localhost: `as_token:${own.seat.puppets.registration.as_token}` } },
        };
        town = await Town.open(msn, own, keys);
        const { sandbox, alice } = town;
        const bot = await town.login();
        const nils = sandbox.contact(NILS, "Nils");
        sandbox.befriend(NILS, MIA.passport);
        await alice.say(bot, `add ${NILS}`);
        await alice.say(bot, "group add Friends");
        await alice.say(bot, `group move ${NILS} Friends`);
        await alice.waitForMessage(bot, ({ body }) => body.includes("in the group Friends now"));
        // Her own entries stay.
        await alice.client.setAccountData(EventType.Direct, { "@somebody:localhost": ["!elsewhere:localhost"] });
        await nils.say(MIA.passport, "hello");
        const chat = await chatWithNils();
        await alice.waitForMessage(chat, ({ body }) => body === "hello");
        await isDirect(chat);
        expect(directChats()["@somebody:localhost"]).to.deep.equal(["!elsewhere:localhost"]);

        const spaceNamed = async (name: string): Promise<Room> =>
          joined(`the space ${name}`, (room) => room.isSpaceRoom() && room.name === name);
        const account = await spaceNamed(`Sandbox: ${MIA.passport}`);
        const friends = await spaceNamed("Friends");
        const childrenOf = async (room: Room): Promise<(string | undefined)[]> => {
          const { rooms } = await alice.client.getRoomHierarchy(room.roomId, 50, 1);
          return rooms.map((one) => one.room_id).filter((id) => id !== room.roomId);
        };
        await until("the chat in the group", async () => (await childrenOf(friends)).join() === chat, WAIT_MS);
        await until("both in the account", async () => (await childrenOf(account)).length === 2, WAIT_MS);
        expect(await childrenOf(account)).to.deep.equal([friends.roomId, chat]);

        await alice.say(chat, "hello Nils");
        await until("hello Nils", () => nils.received.some(({ text }) => text === "hello Nils"), WAIT_MS);
      });
    }

    it("with her own token: it is used, and told once when she signs out of its session", async () => {
      town = await Town.open(msn);
      const { sandbox, alice, captured } = town;
      // Rooms of strangers are entered by their people alone.
      const nils = sandbox.contact(NILS, "Nils");
      sandbox.befriend(MIA.passport, NILS, true);
      const bot = await town.login();
      const token = await newToken();
      await alice.say(bot, `login-matrix ${token}`);
      await alice.waitForMessage(bot, ({ body }) => body.includes("Your access token works"));
      await nils.say(MIA.passport, "hello");
      const chat = await chatWithNils();
      await isDirect(chat);
      expect([...captured.lines, ...alice.messages(bot).map(({ body }) => body)].join("\n")).to.not.include(token);

      await post("/logout", {}, token);
      const olga = sandbox.contact("olga@example.com", "Olga");
      await olga.say(MIA.passport, "hi");
      const other = await alice.joinInvited(({ inviter }) => inviter === ghostOf("olga@example.com"));
      await alice.waitForMessage(other, ({ body }) => body === "hi");
      await alice.waitForMessage(bot, ({ body }) => body.includes("say login-matrix to give me a new one"));
    });

    const newToken = async (): Promise<string> => {
      const identifier = { type: "m.id.user", user: town.alice.userId };
      const answer = await post("/login", { type: "m.login.password", identifier, password: "a password" });
      return String(answer["access_token"]);
    };

    const post = async (path: string, body: object, token?: string): Promise<Record<string, unknown>> => {
      const response = await fetch(`${town.alice.client.getHomeserverUrl()}/_matrix/client/v3${path}`, {
        method: "POST",
        headers: {
          "content-type": "application/json",
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
        },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(WAIT_MS),
      });
      expect(response.status).to.equal(200);
      const answer: unknown = await response.json();
      return { ...(typeof answer === "object" && answer) };
    };
  });
}
