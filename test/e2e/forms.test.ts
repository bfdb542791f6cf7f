import { expect } from "chai";
import { EventType, MsgType } from "matrix-js-sdk";
import sharp from "sharp";
import type { ScriptedContact } from "../support/sandbox/scripted-contact.ts";
import { ghostOf, MIA, NETWORKS, NILS } from "../support/test-bridge.ts";
import { until } from "../support/until.ts";
import { bridgeSeat, sharedSynapse } from "./support/shared-synapse.ts";
import { Town } from "./support/town.ts";

const OLGA = "olga@example.com";
const OGG = Buffer.concat([
  Buffer.from("OggS\0\x02"),
  Buffer.alloc(22),
  Buffer.from("\x01vorbis"),
  Buffer.alloc(500, 7),
]);

for (const [msn, words] of NETWORKS) {
  describe(`names, links and files over a real Synapse, MSN servers ${words}`, () => {
    let town: Town;
    let nils: ScriptedContact;
    let room: string;
    const picture = sharp({ create: { width: 9, height: 9, channels: 3, background: "#ff8800" } });
    before(async () => {
      const keys = { media: { allow_private_addresses: true } };
      town = await Town.open(msn, { synapse: sharedSynapse(), seat: bridgeSeat() }, keys);
      const { sandbox, alice } = town;
      sandbox.contact(OLGA, "Olga <3");
      sandbox.befriend(MIA.passport, OLGA, true);
      await town.login();
      nils = sandbox.contact(NILS, "Nils");
      nils.onOffer = () => "accept";
      await nils.say(MIA.passport, "hello");
      room = await alice.joinInvited(({ inviter }) => inviter === ghostOf(NILS));
      await alice.waitForMessage(room, ({ body }) => body === "hello");
    });
    after(() => town.close());

    /** The content of an event as the homeserver has it. */
    async function stored(eventId: string): Promise<Record<string, unknown>> {
      const { content } = await town.alice.client.fetchRoomEvent(room, eventId);
      return { ...content };
    }

    it("shows people by the names that the contact knows, and keeps the addresses of rooms", async () => {
      const { client, userId } = town.alice;
      await client.setDisplayName("Alice in Chains");
      await until("the name", () => client.getRoom(room)?.getMember(userId)?.name === "Alice in Chains");
      const pill = (id: string, label: string): string => `<a href="https://matrix.to/#/${id}">${label}</a>`;
      const says: Array<[said: string, html: string | undefined, arrives: string]> = [
        ["N: hi", `${pill(ghostOf(NILS), "Nils (MSN)")}: hi`, "Nils: hi"],
        ["ask O", `ask ${pill(encodeURIComponent(ghostOf(OLGA)), ghostOf(OLGA))}`, "ask Olga <3"],
        ["or me", `or ${pill(userId, userId)}`, "or Alice in Chains"],
        ["or Bob", `or ${pill("@bob:elsewhere.example", "Bob")}`, "or Bob"],
        ["in this", `in ${pill("#room:localhost", "this")}`, "in this (https://matrix.to/#/#room:localhost)"],
        ["in [this](https://matrix.to/#/#room:localhost)", undefined, "in [this](https://matrix.to/#/#room:localhost)"],
      ];
      for (const [said, html] of says)
        await (html === undefined ? town.alice.say(room, said) : client.sendHtmlMessage(room, said, html));
      await until("all of it", () => nils.received.length >= says.length);
      expect(nils.received.map(({ text }) => text)).to.deep.equal(says.map(([, , arrives]) => arrives));
    });

    it("gives files the names by which the contact's system knows them, and sends stickers as pictures", async () => {
      const { client } = town.alice;
      const [png, jpeg] = [await picture.png().toBuffer(), await picture.jpeg().toBuffer()];
      const upload = async (bytes: Buffer, type: string): Promise<string> =>
        (await client.uploadContent(new Blob([new Uint8Array(bytes)]), { type, includeFilename: false })).content_uri;
      const arrives = async (name: string, bytes: Buffer): Promise<void> => {
        await until(name, () => nils.files.some((file) => file.name === name));
        expect(nils.files.find((file) => file.name === name)?.bytes).to.deep.equal(bytes);
      };
      const voice = { body: "Voice message", info: { mimetype: "audio/ogg" } };
      await client.sendMessage(room, { msgtype: MsgType.Audio, ...voice, url: await upload(OGG, "audio/ogg") });
      await arrives("Voice message.ogg", OGG);
      const image = { body: "image", info: { mimetype: "image/jpeg" } };
      await client.sendMessage(room, { msgtype: MsgType.Image, ...image, url: await upload(jpeg, "image/jpeg") });
      await arrives("image.jpg", jpeg);
      const octets = await upload(png, "application/octet-stream");
      await client.sendMessage(room, { msgtype: MsgType.File, body: "", url: octets });
      await arrives("file.png", png);
      const cat = { body: "A cat", info: { mimetype: "image/png" }, url: await upload(png, "image/png") };
      await client.sendEvent(room, EventType.Sticker, cat);
      await arrives("A cat.png", png);
      expect(nils.received.map(({ text }) => text)).to.not.include("A cat");
    });

    it("shows files of contacts by what they are, and mentions nobody", async () => {
      const { alice } = town;
      const png = await picture.png().toBuffer();
      const shown: string[] = [];
      for (const [name, content, as, msgtype] of [
        ["sun v1.2", png, "sun v1.2.png", "m.image"],
        ["moon.jpg", png, "moon.png", "m.image"],
        ["Voice message", OGG, "Voice message.ogg", "m.audio"],
      ] as const) {
        expect(await nils.offerFile(MIA.passport, { name, content })).to.include({ type: "sent" });
        const message = await alice.waitForMessage(room, ({ body }) => body === as);
        expect(message.msgtype).to.equal(msgtype);
        shown.push(message.eventId);
      }
      for (const text of ["alice", alice.userId, "@room"]) {
        await nils.say(MIA.passport, text);
        const from = ghostOf(NILS);
        shown.push((await alice.waitForMessage(room, ({ body, sender }) => body === text && sender === from)).eventId);
      }
      const mentions = await Promise.all(shown.map(async (id) => (await stored(id))["m.mentions"]));
      expect(mentions).to.deep.equal(shown.map(() => ({})));
    });
  });
}
