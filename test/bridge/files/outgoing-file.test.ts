import { expect } from "chai";
import type { ReceiverBehaviour } from "../../support/sandbox/files/behaviour.ts";
import { takePort } from "../../../src/demo/port.ts";
import { FileBench, hastyClock } from "../../support/file-bench.ts";
import { testBytes } from "../../support/media-bench.ts";
import { ghostOf, MIA, NILS } from "../../support/test-bridge.ts";
import { until } from "../../support/until.ts";

const KILOBYTE = 1000;
const OTTO = "otto@example.com";
const CONTENT = testBytes(10 * KILOBYTE);

describe("bridge/files/outgoing-file", () => {
  let bench: FileBench;
  afterEach(() => bench.close());

  async function open(options?: Parameters<typeof FileBench.open>[0]): Promise<void> {
    bench = await FileBench.open(options);
    bench.nils.onOffer = () => "accept";
  }

  function texts(): string[] {
    return bench.nils.received.map(({ text }) => text);
  }

  it("sends what is said with a file before it, and does not keep text waiting", async () => {
    await open();
    bench.nils.onOffer = () => ({ bytesPerSecond: 50 * KILOBYTE });
    const content = testBytes(50 * KILOBYTE);
    bench.send(content, "a.png", { msgtype: "m.image", filename: "a.png", body: "Look 🙂" });
    bench.bridge.alice.say(bench.room, "after");
    await until("the text", () => texts().length === 2);
    expect(texts()).to.deep.equal(["Look :-)", "after"]);
    expect(bench.nils.files).to.have.length(0);
    await until("the file", () => bench.nils.files.length === 1);
    expect(bench.nils.files[0]).to.deep.include({ name: "a.png", bytes: content });
  });

  it("listens where it has a public address, and says so", async () => {
    const port = await takePort();
    await open({ media: { public_address: "127.0.0.1", ports: `${port}-${port}` } });
    const eventId = bench.send(CONTENT);
    await until("the file", () => bench.nils.files.length === 1);
    expect(bench.nils.files[0]?.bytes?.equals(CONTENT)).to.equal(true);
    await bench.receipt(eventId);
  });

  it("sends ten at once", async () => {
    await open();
    const contents = Array.from({ length: 12 }, (_, index) => testBytes(20 * KILOBYTE + index));
    for (const [index, content] of contents.entries()) bench.send(content, `${index}.bin`);
    await until("all", () => bench.nils.files.length === contents.length);
    for (const { name, bytes } of bench.nils.files)
      expect(bytes?.equals(contents[Number.parseInt(name, 10)] ?? Buffer.alloc(0)), name).to.equal(true);
  });

  const OGG = Buffer.concat([Buffer.from("OggS\0\x02"), Buffer.alloc(22), Buffer.from("\x01vorbis"), testBytes(500)]);
  const PNG = Buffer.from(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
    "base64",
  );
  const NAMES: Array<[what: string, content: Buffer, event: Record<string, unknown>, uploaded: string, name: string]> =
    [
      [
        "a voice message",
        OGG,
        { msgtype: "m.audio", body: "Voice message", info: { mimetype: "audio/ogg" } },
        "",
        "Voice message.ogg",
      ],
      [
        "a picture that is called one",
        CONTENT,
        { msgtype: "m.image", body: "image", info: { mimetype: "image/jpeg" } },
        "",
        "image.jpg",
      ],
      ["a file without any name", PNG, { msgtype: "m.file", body: "" }, "", "file.png"],
      ["a file with the uploader's name only", PNG, { msgtype: "m.file", body: "" }, "cat", "cat.png"],
      ["a wrong name", PNG, { msgtype: "m.image", body: "cat.jpg", info: { mimetype: "image/jpeg" } }, "", "cat.png"],
    ];
  for (const [what, content, event, uploaded, name] of NAMES) {
    it(`gives ${what} a name by which the contact's system knows it`, async () => {
      await open();
      const url = bench.bridge.fake.media.put(content, "application/octet-stream", uploaded || undefined);
      bench.bridge.alice.send(bench.room, "m.room.message", { ...event, url });
      await until("the file", () => bench.nils.files.length === 1);
      expect(bench.nils.files[0]).to.deep.include({ name, bytes: content });
    });
  }

  it("sends a sticker as a picture", async () => {
    await open();
    const url = bench.bridge.fake.media.put(PNG, "image/png", undefined);
    bench.bridge.alice.send(bench.room, "m.sticker", { body: "A cat", url, info: { mimetype: "image/png" } });
    await until("the file", () => bench.nils.files.length === 1);
    expect(bench.nils.files[0]).to.deep.include({ name: "A cat.png", bytes: PNG });
    expect(texts()).to.deep.equal([]);
  });

  it("says that a file is encrypted, and that there is none", async () => {
    await open();
    const file = { url: "mxc://localhost/x", key: {}, iv: "x", hashes: {}, v: "v2" };
    bench.bridge.alice.send(bench.room, "m.room.message", { msgtype: "m.file", body: "a.bin", file });
    await bench.reads("This file is encrypted");
    bench.bridge.alice.send(bench.room, "m.room.message", { msgtype: "m.file", body: "a.bin" });
    await bench.reads("There is no file in this message");
    const url = "mxc://localhost/gone";
    bench.bridge.alice.send(bench.room, "m.room.message", { msgtype: "m.file", body: "a.bin", url });
    await bench.reads("Nils did not get the file a.bin: your homeserver does not have it any more.");
  });

  type Answer = "decline" | "ignore" | { behaviour: ReceiverBehaviour };
  const TROUBLE: Array<[what: string, answer: Answer, words: string]> = [
    ["declines", "decline", "Nils declined it"],
    ["never answers", "ignore", "Nils did not answer in time"],
    ["never connects", { behaviour: { type: "never-connects" } }, "cannot be reached from here"],
    ["names an address of nobody", { behaviour: { type: "announces", address: "localhost" } }, "must not connect to"],
    ["cancels in the middle", { behaviour: { type: "CCL", after: 4000 } }, "Nils cancelled it"],
    ["cannot save it", { behaviour: { type: "bye", after: 4000, code: 2_147_942_405 } }, "could not save it"],
    ["closes in the middle", { behaviour: { type: "closes", after: 4000 } }, "in the middle"],
    ["does not confirm it", { behaviour: { type: "silent", before: "VER" } }, "no connection to Nils's program"],
    [
      "cannot take files",
      { behaviour: { type: "cancels", at: "offered", code: "REJECT_NOT_INSTALLED" } },
      "Nils's program does not take files",
    ],
  ];
  for (const [what, answer, words] of TROUBLE) {
    it(`says why somebody got nothing who ${what}, and sends it again with 🔁`, async () => {
      // Only silence is waited for; whoever is heard of may take as long as a slow machine needs.
      const isSilent = ["never answers", "never connects", "does not confirm it"].includes(what);
      const shorter: Record<number, number> = isSilent ? { 300_000: 200, 60_000: 400 } : {};
      await open({ clock: hastyClock(shorter) });
      bench.nils.onOffer = () => answer;
      // More than fits into the buffers of two sockets.
      const content = testBytes(3000 * KILOBYTE);
      const eventId = bench.send(content);
      const notice = await bench.reads("Nils did not get the file a.bin: ");
      expect(notice.body).to.include(words).and.to.include("🔁");
      expect(notice.content["m.relates_to"]).to.deep.equal({ "m.in_reply_to": { event_id: eventId } });
      expect(bench.nils.files).to.have.length(0);
      Object.assign(shorter, { 300_000: 300_000, 60_000: 60_000 });
      bench.nils.onOffer = () => "accept";
      bench.react(eventId, "🔁");
      await until("the file", () => bench.nils.files.length === 1);
      expect(bench.nils.files[0]?.bytes?.equals(content)).to.equal(true);
      await bench.receipt(eventId);
    });
  }

  it("says what is said with a file once, however often that is tried", async () => {
    await open();
    bench.nils.onOffer = () => "decline";
    const eventId = bench.send(CONTENT, "a.png", { msgtype: "m.image", filename: "a.png", body: "look" });
    await bench.reads("Nils did not get the file a.png: Nils declined it");
    bench.edit(eventId, { msgtype: "m.image", filename: "a.png", body: "look there" });
    await until("the correction", () => texts().length === 2);
    bench.nils.onOffer = () => "accept";
    bench.react(eventId, "🔁");
    await until("the file", () => bench.nils.files.length === 1);
    await bench.receipt(eventId);
    expect(texts()).to.deep.equal(["look", "* look there"]);
  });

  it("sends again a file that did not arrive, with the words that did not either", async () => {
    await open();
    bench.nils.signOut();
    const eventId = bench.send(CONTENT, "a.png", { msgtype: "m.image", filename: "a.png", body: "look" });
    await bench.reads("was not delivered");
    bench.edit(eventId, { msgtype: "m.image", filename: "a.png", body: "look there" });
    await bench.reads("Your edit was not delivered: Nils did not get");
    bench.nils.signIn();
    bench.react(eventId, "🔁");
    await until("the file", () => bench.nils.files.length === 1);
    expect(texts()).to.deep.equal(["look there"]);
  });

  it("sends another file that is put in the place of one, and says its words where they are other ones", async () => {
    await open();
    const eventId = bench.send(CONTENT, "a.png", { msgtype: "m.image", filename: "a.png", body: "look" });
    await until("the file", () => bench.nils.files.length === 1);
    const other = bench.bridge.fake.media.put(testBytes(20), "image/png", "b.png");
    bench.edit(eventId, { msgtype: "m.image", filename: "b.png", body: "look", url: other });
    await until("the other", () => bench.nils.files.length === 2);
    bench.edit(eventId, { msgtype: "m.image", filename: "b.png", body: "look there", url: other });
    await until("the correction", () => texts().length === 2);
    expect(bench.nils.files.map(({ name }) => name)).to.deep.equal(["a.png", "b.png"]);
    expect(texts()).to.deep.equal(["look", "* look there"]);
  });

  it("sends a file once that was put in the place of one that did not arrive", async () => {
    await open();
    bench.nils.onOffer = () => "decline";
    const eventId = bench.send(CONTENT, "a.png", { msgtype: "m.image", filename: "a.png", body: "look" });
    await bench.reads("Nils did not get the file a.png: Nils declined it");
    bench.edit(eventId, {
      msgtype: "m.image",
      filename: "b.png",
      body: "see",
      url: bench.bridge.fake.media.put(testBytes(20), "image/png", "b.png"),
    });
    await bench.reads("Your edit was not delivered: Nils did not get");
    bench.nils.onOffer = () => "accept";
    bench.react(eventId, "🔁");
    await until("the other", () => bench.nils.files.length === 1);
    await bench.receipt(eventId);
    expect(bench.nils.files[0]?.name).to.equal("b.png");
    expect(texts()).to.deep.equal(["look", "see"]);
  });

  const gallery = (names: readonly string[], more: Record<string, unknown> = {}): string => {
    const put = (name: string): string => bench.bridge.fake.media.put(testBytes(name.length), "image/png", name);
    const itemtypes = names.map((name) => ({ itemtype: "m.image", body: name, url: put(name), ...more }));
    const content = { msgtype: "dm.filament.gallery", body: "look", itemtypes };
    return bench.bridge.alice.send(bench.room, "m.room.message", content);
  };
  const names = (): string[] => bench.nils.files.map(({ name }) => name);

  it("sends a gallery file by file", async () => {
    await open();
    const eventId = gallery(["a.png", "bb.png", "ccc.png"]);
    await bench.receipt(eventId);
    expect(names()).to.deep.equal(["a.png", "bb.png", "ccc.png"]);
    expect(texts()).to.deep.equal(["look"]);
  });

  it("goes on with a gallery where it ended, and not with one that was taken back", async () => {
    await open();
    bench.nils.onOffer = ({ name }) => (name === "bb.png" ? "decline" : "accept");
    const eventId = gallery(["a.png", "bb.png", "ccc.png"]);
    const notice = await bench.reads("Nils did not get the file bb.png: Nils declined it");
    expect(notice.body).to.include("The files after it in your message wait");
    bench.nils.onOffer = () => "accept";
    bench.react(eventId, "🔁");
    await bench.receipt(eventId);
    expect(names()).to.deep.equal(["a.png", "bb.png", "ccc.png"]);
    const other = gallery(["x.png", "yy.png"]);
    bench.nils.onOffer = ({ name }) => {
      if (name === "x.png") bench.bridge.alice.redact(bench.room, other);
      return "ignore";
    };
    bench.bridge.alice.say(bench.room, "end");
    await until("the end", () => texts().includes("end"));
    expect(names()).to.not.include("yy.png");
    expect(texts()).to.deep.equal(["look", "look", "end"]);
  });

  it("leaves out of a gallery what can never be sent, and says so", async () => {
    await open();
    const lost = "mxc://localhost/gone";
    const content = { itemtype: "m.image", body: "gone.png", url: lost };
    const url = bench.bridge.fake.media.put(testBytes(7), "image/png", "b.png");
    const itemtypes = [content, { itemtype: "m.image", body: "b.png", url }];
    const eventId = bench.bridge.alice.send(bench.room, "m.room.message", {
      msgtype: "m.gallery",
      body: "",
      itemtypes,
    });
    await bench.reads("Nils did not get the file gone.png: your homeserver does not have it any more.");
    await bench.receipt(eventId);
    expect(names()).to.deep.equal(["b.png"]);
  });

  it("says that the contact is offline", async () => {
    await open();
    bench.nils.signOut();
    bench.send(CONTENT);
    await bench.reads("Nils did not get the file a.bin: Nils is offline, or cannot be reached by you.");
  });

  it("says when the homeserver gives only a part of it", async () => {
    await open();
    // The first download is to learn how large it is.
    bench.bridge.fake.fail({ path: /download/u, times: 1, slow: { when: "before", ms: 0 } });
    bench.bridge.fake.fail({ path: /download/u, times: 9, cutAfter: 4000 });
    bench.send(CONTENT);
    await bench.reads("Nils did not get the file a.bin: your homeserver does not answer right now.");
  });

  it("says how far a long one has come, and cancels it with ❌", async () => {
    await open({ clock: hastyClock({ 10_000: 100 }) });
    bench.nils.onOffer = () => ({ behaviour: { type: "stalls", after: 20 * KILOBYTE } });
    const eventId = bench.send(testBytes(5000 * KILOBYTE), "long.bin");
    const first = await bench.reads("React with ❌ to cancel it.");
    expect(first.sender).to.equal(ghostOf(NILS));
    await bench.reads("* Sending the file long.bin to Nils: ");
    // Sending it a second time meanwhile is not possible.
    bench.react(eventId, "🔁");
    bench.react(first.eventId, "❌");
    await bench.reads("* You cancelled the file long.bin.");
    bench.nils.onOffer = () => "accept";
    bench.react(eventId, "🔁");
    await until("the file", () => bench.nils.files.length === 1);
    expect(bench.count("did not get")).to.equal(0);
  });

  it("is cancelled when its message is deleted", async () => {
    await open();
    bench.nils.onOffer = () => ({ behaviour: { type: "stalls", after: 20 * KILOBYTE } });
    const eventId = bench.send(testBytes(5000 * KILOBYTE));
    await until(
      "it to be under way",
      () => bench.bridge.fake.requests.filter(({ path }) => path.includes("/download/")).length === 2,
    );
    bench.bridge.alice.redact(bench.room, eventId);
    expect(bench.nils.files).to.have.length(0);
    bench.bridge.alice.say(bench.room, "well");
    await until("well", () => texts().includes("well"));
    expect(bench.count("cannot take messages back")).to.equal(0);
    expect(bench.count("did not get")).to.equal(0);
  });

  it("tells both sides of what a restart has cut off, and sends it again with 🔁", async () => {
    await open();
    bench.nils.onOffer = () => ({ behaviour: { type: "stalls", after: 20 * KILOBYTE } });
    const content = testBytes(3000 * KILOBYTE);
    const eventId = bench.send(content);
    await until(
      "it to be under way",
      () => bench.bridge.fake.requests.filter(({ path }) => path.includes("/download/")).length === 2,
    );
    await bench.bridge.crash();
    await bench.bridge.start();
    const notice = await bench.reads("The transfer of the file a.bin to Nils was cut off by a restart of this bridge.");
    expect(notice.content["m.relates_to"]).to.deep.equal({ "m.in_reply_to": { event_id: eventId } });
    bench.nils.onOffer = () => "accept";
    bench.react(notice.eventId, "🔁");
    await until("the file", () => bench.nils.files.length === 1);
    expect(bench.nils.files[0]?.bytes?.equals(content)).to.equal(true);
  });

  describe("gives a link instead", () => {
    async function openWithLinks(keys: Record<string, object> = {}): Promise<void> {
      await open();
      const { port } = bench.bridge.config.appservice;
      await bench.close();
      const links = { enabled: true, public_address: `http://127.0.0.1:${port}`, ...keys["public_media"] };
      await open({ keys: { public_media: links } });
    }

    /** The file that a text of the bridge's links to. */
    async function fetched(text: string): Promise<Buffer> {
      const { pathname } = new URL(/http:\S+/u.exec(text)?.[0] ?? "");
      const answer = await fetch(new URL(pathname, `http://127.0.0.1:${bench.bridge.config.appservice.port}`));
      return answer.status === 200 ? Buffer.from(await answer.arrayBuffer()) : Buffer.from(String(answer.status));
    }

    it("that ends when the message is deleted, also by somebody else", async () => {
      await openWithLinks();
      bench.nils.onOffer = () => "decline";
      const { alice, fake } = bench.bridge;
      const moderator = fake.user("moderator");
      const ghost = ghostOf(NILS);
      fake.world.invite(ghost, bench.room, moderator.userId);
      moderator.join(bench.room);
      const users = { [ghost]: 100, [moderator.userId]: 100 };
      fake.world.setState(bench.room, ghost, "m.room.power_levels", { users });
      for (const [at, person] of [alice, moderator].entries()) {
        const eventId = bench.send(CONTENT, "a.pdf");
        const link = await until("the link", () => texts()[at]);
        await bench.receipt(eventId);
        expect((await fetched(link)).equals(CONTENT)).to.equal(true);
        person.redact(bench.room, eventId);
        await until("it has ended", async () => String(await fetched(link)) === "404");
      }
    });

    it("to whoever does not take the file", async () => {
      await openWithLinks();
      bench.nils.onOffer = () => "decline";
      const eventId = bench.send(CONTENT, "a b.pdf");
      await until("the link", () => texts().length === 1);
      expect(texts()[0]).to.match(/^a b\.pdf \(10 kB\), until \d{4}-\d\d-\d\d \d\d:\d\d UTC: http:/u);
      expect((await fetched(texts()[0] ?? "")).equals(CONTENT)).to.equal(true);
      const notice = await bench.reads(
        "The file a b.pdf could not be handed over: Nils declined it. Instead Nils got a link",
      );
      expect(notice.content["m.relates_to"]).to.deep.equal({ "m.in_reply_to": { event_id: eventId } });
      await bench.receipt(eventId);
    });

    it("in groups, where MSN carries no files", async () => {
      await openWithLinks();
      const otto = bench.bridge.sandbox.contact(OTTO, "Otto");
      await bench.nils.gather(MIA.passport, OTTO);
      bench.nils.sayToAll("hello all");
      const room = await until("a group", () => bench.bridge.alice.invites()[0]);
      bench.bridge.alice.join(room);
      await bench.bridge.reads(bench.bridge.alice, room, "hello all");
      const url = bench.bridge.fake.media.put(CONTENT);
      bench.bridge.alice.send(room, "m.room.message", { msgtype: "m.file", body: "c.bin", url });
      await until("the link", () => otto.received.some(({ text }) => text.startsWith("c.bin (10 kB)")));
      await bench.bridge.reads(
        bench.bridge.alice,
        room,
        "MSN carries files only in chats of two. Instead everybody in this chat got",
      );
      expect((await fetched(otto.received.at(-1)?.text ?? "")).equals(CONTENT)).to.equal(true);
    });

    it("but not of what is larger than links may be", async () => {
      await openWithLinks({ public_media: { max_size: 5000 } });
      bench.nils.onOffer = () => "decline";
      bench.send(CONTENT);
      await bench.reads("Nils did not get the file a.bin: Nils declined it.");
      expect(texts()).to.deep.equal([]);
    });
  });

  it("says in groups that files are carried in chats of two", async () => {
    await open();
    bench.bridge.sandbox.contact(OTTO, "Otto");
    await bench.nils.gather(MIA.passport, OTTO);
    bench.nils.sayToAll("hello all");
    const room = await until("a group", () => bench.bridge.alice.invites()[0]);
    bench.bridge.alice.join(room);
    const url = bench.bridge.fake.media.put(CONTENT);
    bench.bridge.alice.send(room, "m.room.message", { msgtype: "m.file", body: "c.bin", url });
    await bench.bridge.reads(
      bench.bridge.alice,
      room,
      "did not get the file c.bin: MSN carries files only in chats of two.",
    );
  });

  it("does not send what is larger than the bridge allows", async () => {
    await open({ media: { max_size: 9000, auto_limit: 9000 } });
    bench.send(CONTENT);
    await bench.reads(
      "Nils did not get the file a.bin: your homeserver, or this bridge, does not carry files as large as this.",
    );
  });
});
