import { expect } from "chai";
import { MsgType } from "matrix-js-sdk";
import { BOT, ghostOf, MIA, NETWORKS, NILS } from "../support/test-bridge.ts";
import { until } from "../support/until.ts";
import type { PersonMessage } from "./support/person.ts";
import { bridgeSeat, sharedSynapse } from "./support/shared-synapse.ts";
import { Town } from "./support/town.ts";

const EVA = { passport: "eva@example.com", password: "eva's" };
const PATIENCE_MS = 120_000;

for (const [msn, words] of NETWORKS) {
  describe(`what people ask for over a real Synapse, MSN servers ${words}`, () => {
    let town: Town;
    let management: string;
    before(async () => {
      const keys = { bridge: { personal_filtering_spaces: true } };
      town = await Town.open(msn, { synapse: sharedSynapse(), seat: bridgeSeat() }, keys);
      town.sandbox.addAccount(EVA);
      town.sandbox.contact(NILS, "Nils");
      town.sandbox.befriend(MIA.passport, NILS, true);
      management = await town.login();
    });
    after(() => town.close());

    async function hears(room: string, after: number, answer: string): Promise<PersonMessage> {
      const isNew = ({ eventId }: PersonMessage): boolean =>
        town.alice
          .messages(room)
          .slice(after)
          .some((message) => message.eventId === eventId);
      const wanted = (message: PersonMessage): boolean =>
        message.sender === BOT && message.body.includes(answer) && isNew(message);
      return town.alice.waitForMessage(room, wanted, PATIENCE_MS);
    }

    async function ask(command: string, answer: string): Promise<void> {
      const before = town.alice.messages(management).length;
      await town.alice.say(management, command);
      await hears(management, before, answer);
    }

    async function chat(): Promise<string> {
      const room = await town.alice.joinInvited(({ inviter }) => inviter === ghostOf(NILS), PATIENCE_MS);
      await town.alice.waitForMember(room, ghostOf(NILS), "join");
      return room;
    }

    /** What the ghost says last in a room, and why it has left or had Alice out, as the homeserver has it. */
    async function farewell(room: string): Promise<{ notice: string; reason: unknown }> {
      const { client, userId } = town.alice;
      const left = await until("the ghost has left", async () => {
        for (const one of [ghostOf(NILS), userId]) {
          const content = await client.getStateEvent(room, "m.room.member", one);
          if (content["membership"] === "leave") return content;
        }
        return undefined;
      });
      const last = await town.alice.waitForMessage(room, ({ msgtype, sender }) =>
        [msgtype, sender].every((one) => one === "m.notice" || one === ghostOf(NILS)),
      );
      return { notice: last.body, reason: left["reason"] };
    }

    it("a login that is logged out is no choice, and has no space", async () => {
      const { alice } = town;
      await ask(`login sandbox ${EVA.passport} ${EVA.password}`, "You are signed in");
      await ask(`start-chat ${NILS}`, "You have several logins");
      const spaces = (): string[] =>
        alice.client.getRooms().flatMap((room) => {
          const membership = room.getMyMembership();
          return room.name.startsWith("Sandbox: ") && (membership === "invite" || membership === "join")
            ? room.name
            : [];
        });
      await ask(`logout ${EVA.passport}`, "You are signed out");
      await ask(`start-chat ${NILS}`, "I invited you to your chat");
      await chat();
      await until("the space of the other", () => spaces().includes(`Sandbox: ${MIA.passport}`));
      expect(spaces()).to.deep.equal([`Sandbox: ${MIA.passport}`]);
    });

    it("names stand in quotes, one contact is one, and a pill of the bot may stand first", async () => {
      const { alice } = town;
      await ask('group add "Friends & Co"', "You have a group Friends & Co now");
      await ask(`group move ${NILS} “Friends & Co”`, "is in the group Friends & Co now");
      await ask("contacts", "1 contact\n");
      for (const [label, body] of [
        ["MSN bridge bot", "MSN bridge bot: group list"],
        [BOT, `${BOT} group list`],
      ] as const) {
        const before = alice.messages(management).length;
        await alice.client.sendMessage(management, {
          msgtype: MsgType.Text,
          body,
          format: "org.matrix.custom.html",
          formatted_body: `<a href="https://matrix.to/#/${BOT}">${label}</a>: group list`,
          "m.mentions": { user_ids: [BOT] },
        });
        await hears(management, before, "Friends & Co: 1 contact");
      }
    });

    it("a room that is given up says so, and why", async () => {
      const { alice, sandbox } = town;
      const nils = sandbox.contact(NILS);
      const said: unknown[] = [];
      for (const [command, answer] of [
        [`unbridge ${NILS}`, "is not bridged any more"],
        [`delete-portal ${NILS}`, "is deleted"],
        [`logout ${MIA.passport} leave`, "left by your contacts"],
      ] as const) {
        const known = alice.client
          .getRooms()
          .find((one) => one.getMyMembership() === "join" && one.getMember(ghostOf(NILS))?.membership === "join");
        if (known === undefined) await nils.say(MIA.passport, "hello");
        const room = known?.roomId ?? (await chat());
        await ask(command, answer);
        const { notice, reason } = await farewell(room);
        expect(notice).to.include(`${String(reason)} This room leads nowhere any more`);
        said.push(reason);
      }
      expect(said).to.deep.equal([
        "You disconnected this room from MSN with unbridge.",
        "You deleted this chat.",
        "You logged out of MSN, and had the contacts leave your rooms.",
      ]);
    });
  });
}
