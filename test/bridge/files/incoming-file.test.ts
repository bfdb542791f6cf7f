import { expect } from "chai";
import sharp from "sharp";
import type { SenderBehaviour } from "../../support/sandbox/files/behaviour.ts";
import { FileBench, hastyClock } from "../../support/file-bench.ts";
import { testBytes } from "../../support/media-bench.ts";
import { BOT, ghostOf, MIA, NILS } from "../../support/test-bridge.ts";
import { until } from "../../support/until.ts";

const KILOBYTE = 1000;
const OTTO = "otto@example.com";
const A_TXT = { name: "a.txt", content: Buffer.from("hello") };

describe("bridge/files/incoming-file", () => {
  let bench: FileBench;
  afterEach(() => bench.close());

  async function open(options?: Parameters<typeof FileBench.open>[0]): Promise<void> {
    bench = await FileBench.open(options);
  }

  /** Nothing of the file is on the homeserver or in the room. */
  function expectNothing(): void {
    expect(bench.files()).to.have.length(0);
    expect([...bench.bridge.fake.media.files.values()]).to.deep.equal([]);
  }

  it("shows a picture with its size and a thumbnail, in order with the text around it", async () => {
    await open();
    const content = await sharp({ create: { width: 2000, height: 1000, channels: 3, background: "#ff8800" } })
      .png()
      .toBuffer();
    await bench.nils.say(MIA.passport, "before");
    expect(await bench.nils.offerFile(MIA.passport, { name: "sun.png", content })).to.include({ type: "sent" });
    await bench.nils.say(MIA.passport, "after");
    await bench.reads("after");
    const shown = await bench.file();
    expect(shown.content).to.include({ msgtype: "m.image", body: "sun.png", filename: "sun.png" });
    expect(shown.content["info"]).to.deep.include({ mimetype: "image/png", size: content.length, w: 2000, h: 1000 });
    expect(shown.content["info"]).to.have.nested.property("thumbnail_info.w", 800);
    expect(shown.content["info"]).to.have.property("thumbnail_url");
    expect(bench.bytes(shown).equals(content)).to.equal(true);
    expect([...bench.bridge.fake.media.files.values()].map(({ uploader }) => uploader)).to.deep.equal([
      ghostOf(NILS),
      ghostOf(NILS),
    ]);
    const bodies = bench.bridge.alice.messages(bench.room).map(({ body }) => body);
    expect(bodies).to.deep.equal(["hello", "before", "sun.png", "after"]);
  });

  it("shows a file without an extension, or with a wrong one, under a name that says what it is", async () => {
    await open();
    const content = await sharp({ create: { width: 9, height: 9, channels: 3, background: "#ff8800" } })
      .png()
      .toBuffer();
    for (const [count, [name, shown]] of [
      ["sun", "sun.png"],
      ["sun v1.2", "sun v1.2.png"],
      ["sun.jpg", "sun.png"],
      ["sun.PNG", "sun.PNG"],
    ].entries()) {
      expect(await bench.nils.offerFile(MIA.passport, { name: name ?? "", content })).to.include({ type: "sent" });
      const file = await bench.file(count + 1);
      expect(file.content).to.include({ msgtype: "m.image", body: shown, filename: shown });
    }
  });

  it("opens the room of a contact whose first word ever is a file", async () => {
    await open();
    const otto = bench.bridge.sandbox.contact(OTTO, "Otto");
    await bench.bridge.ask(bench.management, `allow ${OTTO}`, "may see you");
    const sent = otto.offerFile(MIA.passport, A_TXT);
    const room = await bench.bridge.joinRoomOf(OTTO);
    expect(await sent).to.include({ type: "sent" });
    const shown = await bench.bridge.reads(bench.bridge.alice, room, "a.txt");
    expect(shown.content).to.deep.include({ msgtype: "m.file", info: { mimetype: "text/plain", size: 5 } });
  });

  it("fetches nothing of a stranger before somebody has come to the room, and then asks", async () => {
    await open();
    const { alice, fake, sandbox } = bench.bridge;
    const sent = sandbox.contact(OTTO, "Otto").offerFile(MIA.passport, A_TXT);
    const room = await until("an invitation", () => alice.invites()[0]);
    const asked = (): string | undefined =>
      alice.messages(room).find(({ body }) => body.includes("React with ✅"))?.eventId;
    await bench.nils.say(MIA.passport, "meanwhile");
    await bench.reads("meanwhile");
    expectNothing();
    alice.join(room);
    const eventId = await until("the question", asked);
    const relation = { rel_type: "m.annotation", event_id: eventId, key: "✅" };
    alice.send(room, "m.reaction", { "m.relates_to": relation });
    expect(await sent).to.include({ type: "sent" });
    await bench.bridge.reads(alice, room, "a.txt");
    expect([...fake.media.files.values()]).to.have.length(1);
    // Otto is no stranger any more.
    expect(await sandbox.contact(OTTO).offerFile(MIA.passport, A_TXT)).to.include({ type: "sent" });
  });

  it("asks about what a contact sends beyond the limit of a day", async () => {
    await open({ media: { daily_limit: 8 } });
    expect(await bench.nils.offerFile(MIA.passport, A_TXT)).to.include({ type: "sent" });
    const second = bench.nils.offerFile(MIA.passport, { ...A_TXT, name: "b.txt" });
    await bench.reads("wants to send you the file b.txt");
    expect(bench.files()).to.have.length(1);
    bench.nils.signOut();
    await second;
  });

  it("does not keep text waiting, and takes ten at once", async () => {
    await open();
    const contents = Array.from({ length: 10 }, (_, index) => testBytes(50 * KILOBYTE + index));
    const sent = contents.map((content, index) =>
      bench.nils.offerFile(MIA.passport, { name: `${index}.bin`, content, bytesPerSecond: 100 * KILOBYTE }),
    );
    await until(
      "all under way",
      () => bench.bridge.fake.requests.filter(({ path }) => path.endsWith("/upload")).length,
    );
    await bench.nils.say(MIA.passport, "meanwhile");
    await bench.reads("meanwhile");
    expect(bench.files()).to.have.length(0);
    for (const outcome of await Promise.all(sent)) expect(outcome).to.include({ type: "sent" });
    await bench.file(10);
    for (const file of bench.files()) {
      const content = contents[Number.parseInt(file.body, 10)] ?? Buffer.alloc(0);
      expect(bench.bytes(file).equals(content)).to.equal(true);
    }
  });

  it("declines everything where files are not wanted", async () => {
    await open({ media: { receive: "off" } });
    expect(await bench.nils.offerFile(MIA.passport, A_TXT)).to.include({ type: "declined", code: "REJECT" });
    await bench.reads("Nils wanted to send you the file a.txt (5 bytes). This bridge does not take files");
    expectNothing();
  });

  it("declines what is too large, and says for whom", async () => {
    await open({ media: { max_size: 3000, auto_limit: 1000 } });
    const large = { name: "large.bin", content: testBytes(4096) };
    expect(await bench.nils.offerFile(MIA.passport, large)).to.include({ type: "declined", code: "REJECT" });
    await bench.reads("because this bridge takes files of up to 3.0 kB");
    bench.bridge.fake.media.uploadLimit = 2000;
    expect(await bench.nils.offerFile(MIA.passport, { ...large, content: testBytes(2001) })).to.include({
      type: "declined",
    });
    await bench.reads("because your homeserver takes files of up to 2.0 kB");
    expectNothing();
  });

  it("says once that more files were offered than can wait, which the contact is told of each", async () => {
    await open({ media: { receive: "ask" } });
    const offers = Array.from({ length: 23 }, async (_, at) =>
      bench.nils.offerFile(MIA.passport, { ...A_TXT, name: `${at}.txt` }),
    );
    await bench.reads("Nils wanted to send you more files at once");
    await bench.nils.say(MIA.passport, "have you got them?");
    await bench.reads("have you got them?");
    const bodies = bench.bridge.alice.messages(bench.room).map(({ body }) => body);
    expect(bodies.filter((body) => body.includes("more files at once"))).to.have.length(1);
    await until(
      "the questions",
      () =>
        new Set(
          bench.bridge.alice
            .messages(bench.room)
            .flatMap(({ body }) => /wants to send you the file (\d+\.txt)/u.exec(body)?.[1] ?? []),
        ).size === 20,
    );
    await bench.bridge.stopBridge();
    const outcomes = await Promise.all(offers);
    expect(
      outcomes.filter((outcome) => outcome.type === "declined" && outcome.code === "REJECT").length,
    ).to.be.at.least(3);
  });

  it("declines a file when the homeserver does not say what it takes", async () => {
    await open({ clock: hastyClock({ 1000: 1, 2000: 1, 4000: 1 }) });
    bench.bridge.fake.fail({ path: /media\/config$/u, times: 100, status: 502 });
    expect(await bench.nils.offerFile(MIA.passport, A_TXT)).to.include({ type: "declined" });
    await bench.reads("because your homeserver does not answer right now");
  });

  describe("asks first", () => {
    it("what is larger than is taken without asking, and takes it with ✅", async () => {
      await open({ media: { auto_limit: 1000 } });
      const content = testBytes(5 * KILOBYTE);
      const sent = bench.nils.offerFile(MIA.passport, { name: "b.bin", content });
      const { eventId, sender } = await bench.reads("Nils wants to send you the file b.bin (5.0 kB). React with ✅");
      expect(sender).to.equal(ghostOf(NILS));
      await bench.offered(eventId, "✅");
      await bench.offered(eventId, "❌");
      bench.react(eventId, "✅\u{fe0f}");
      expect(await sent).to.include({ type: "sent" });
      expect(bench.bytes(await bench.file()).equals(content)).to.equal(true);
      await bench.reads("The file b.bin of Nils has come: 5.0 kB in a second.");
      expect(bench.nils.received.map(({ text }) => text)).to.deep.equal([]);
    });

    it("and declines it with ❌", async () => {
      await open({ media: { receive: "ask" }, keys: { messages: { reactions: "text" } } });
      const sent = bench.nils.offerFile(MIA.passport, A_TXT);
      const { eventId } = await bench.reads("wants to send you");
      await bench.offered(eventId, "❌");
      bench.react(eventId, "❌");
      expect(await sent).to.include({ type: "declined", code: "REJECT" });
      await bench.reads("* You declined the file a.txt of Nils.");
      // What it stands for is over.
      bench.react(eventId, "✅");
      bench.bridge.alice.say(bench.room, "really");
      await until("really", () => bench.nils.received.length > 0);
      expect(bench.nils.received.map(({ text }) => text)).to.deep.equal(["really"]);
      expectNothing();
    });

    it("and says so when nobody answers", async () => {
      await open({ media: { receive: "ask" }, clock: hastyClock({ 300_000: 200 }) });
      expect(await bench.nils.offerFile(MIA.passport, A_TXT)).to.not.include({ type: "sent" });
      await bench.reads("* Nils wanted to send you the file a.txt, and has waited too long for your answer.");
    });

    it("and says so when the contact takes it back", async () => {
      await open({ media: { receive: "ask" } });
      const gone = new AbortController();
      const sent = bench.nils.offerFile(MIA.passport, { ...A_TXT, signal: gone.signal });
      await bench.reads("wants to send you");
      gone.abort();
      await sent;
      await bench.reads("* Nils does not want to send you the file a.txt any more.");
    });

    it("and hears an answer that is quicker than the homeserver", async () => {
      await open({ media: { receive: "ask" } });
      bench.bridge.fake.fail({ method: "PUT", path: /m\.room\.message/u, times: 1, slow: { when: "after", ms: 300 } });
      const sent = bench.nils.offerFile(MIA.passport, A_TXT);
      const { eventId } = await bench.reads("wants to send you");
      bench.react(eventId, "✅");
      expect(await sent).to.include({ type: "sent" });
    });
  });

  const TROUBLE: Array<[what: string, behaviour: SenderBehaviour, words: string]> = [
    ["never names an address", { type: "no-address" }, "no connection to Nils's program came about in time"],
    ["cannot be reached", { type: "never-connects" }, "Nils's program cannot be reached from here"],
    ["names a name", { type: "announces", address: "localhost" }, "must not connect to"],
    ["names a low port", { type: "announces", port: 80 }, "must not connect to"],
    ["says nothing", { type: "silent", before: "VER" }, "no connection to Nils's program came about in time"],
    ["lies about the size", { type: "lies", fil: 7 }, "not as large as it had been announced"],
    ["ends early", { type: "closes", after: 3000 }, "ended the connection in the middle"],
    ["breaks off", { type: "resets", after: 3000 }, "ended the connection in the middle"],
    ["sends too much", { type: "sends-more", bytes: 10 }, "not as large as it had been announced"],
    ["sends rubbish", { type: "garbage-block", after: 3000, bytes: Buffer.from("xyz") }, "does not understand"],
    ["cancels in the middle", { type: "marker", after: 3000 }, "Nils cancelled it"],
    ["cancels before", { type: "cancels", at: "accepted", code: "OUTBANDCANCEL" }, "Nils cancelled it"],
  ];
  for (const [what, behaviour, words] of TROUBLE) {
    it(`says why nothing came from somebody who ${what}`, async () => {
      const shorter: Record<number, number> = {};
      await open({ clock: hastyClock(shorter) });
      // Only silence is waited for, after the login; whoever is heard of may take as long as a slow machine needs.
      if (words.includes("in time")) Object.assign(shorter, { 30_000: 200, 60_000: 400 });
      const sent = bench.nils.offerFile(MIA.passport, { name: "c.bin", content: testBytes(10 * KILOBYTE), behaviour });
      const { body } = await bench.reads("The file c.bin of Nils did not come: ");
      expect(body).to.include(words);
      expectNothing();
      bench.nils.signOut();
      await sent;
    });
  }

  it("goes for no contact to where the bridge and its homeserver listen, even where private addresses are allowed", async () => {
    await open();
    const { appservice, homeserver } = bench.bridge.config;
    for (const port of [appservice.port, Number(new URL(homeserver.address).port)]) {
      const file = { name: `${port}.bin`, content: testBytes(10), behaviour: { type: "announces", port } } as const;
      const sent = bench.nils.offerFile(MIA.passport, file);
      const { body } = await bench.reads(`The file ${port}.bin of Nils did not come: `);
      expect(body).to.include(`must not connect to: 127.0.0.1 port ${port} is`);
      await sent;
    }
    expectNothing();
  });

  for (const msn of ["today", "official"] as const) {
    const ways = [
      ["never names an address", { behaviour: { type: "no-address" } }],
      ["never connects", { connectivity: "N", behaviour: { type: "never-connects" } }],
    ] as const;
    for (const [what, manners] of ways) {
      it(`says at once that the sender, who ${what}, has signed out: MSN servers ${msn}`, async () => {
        await open({
          msn,
          media: { public_address: "127.0.0.1", ports: "46891-46900" },
          clock: hastyClock({ 10_000: 100 }),
        });
        bench.bridge.sandbox.befriend(NILS, MIA.passport, true);
        await bench.bridge.ask(bench.management, `add ${NILS}`, "is one of your contacts");
        const name = "f.bin";
        const sent = bench.nils.offerFile(MIA.passport, { name, content: testBytes(KILOBYTE), ...manners });
        await bench.reads("is about to come");
        bench.nils.signOut();
        await bench.reads(`The file ${name} of Nils did not come: Nils signed out of MSN`);
        await sent;
      });
    }
  }

  for (const [what, fault] of [
    ["breaks off", { cutAfter: 30 * KILOBYTE }],
    ["refuses it", { status: 413, body: { errcode: "M_TOO_LARGE", error: "no" } }],
    ["fails", { status: 500 }],
  ] as const) {
    it(`tells both sides when the homeserver ${what}`, async () => {
      await open();
      bench.bridge.fake.fail({ method: "POST", path: /upload$/u, times: 1, ...fault });
      const content = testBytes(500 * KILOBYTE);
      const sent = bench.nils.offerFile(MIA.passport, { name: "d.bin", content, bytesPerSecond: 500 * KILOBYTE });
      await bench.reads("The file d.bin of Nils did not come: your homeserver");
      expect((await sent).type).to.be.oneOf(["cancelled", "failed"]);
      expectNothing();
    });
  }

  it("says how far a long one has come, and cancels it with ❌", async () => {
    await open({ clock: hastyClock({ 10_000: 100 }) });
    const content = testBytes(100 * KILOBYTE);
    const sent = bench.nils.offerFile(MIA.passport, { name: "e.bin", content, bytesPerSecond: 20 * KILOBYTE });
    const first = await bench.reads("React with ❌ to cancel it.");
    const edit = await until("an edit", () =>
      bench.bridge.alice
        .messages(bench.room)
        .find(({ body }) => /^\* Getting the file e\.bin of Nils: \d+ % of/u.test(body)),
    );
    expect(edit.content["m.relates_to"]).to.deep.equal({ rel_type: "m.replace", event_id: first.eventId });
    await bench.offered(first.eventId, "❌");
    bench.react(first.eventId, "❌");
    expect(await sent).to.include({ type: "cancelled", by: "other" });
    await bench.reads("* You cancelled the file e.bin of Nils.");
    expect(bench.count("did not come")).to.equal(0);
    expectNothing();
  });

  it("tells both sides of what a restart has cut off", async () => {
    await open();
    const content = testBytes(100 * KILOBYTE);
    const sent = bench.nils.offerFile(MIA.passport, { name: "f.bin", content, bytesPerSecond: 50 * KILOBYTE });
    await until("it to be under way", () => bench.bridge.fake.requests.some(({ path }) => path.endsWith("/upload")));
    await bench.bridge.stopBridge();
    expect((await sent).type).to.be.oneOf(["cancelled", "failed"]);
    await bench.bridge.start();
    await bench.reads("The file f.bin of Nils did not come: this bridge was restarted in the middle.");
    expectNothing();
    await bench.bridge.stopBridge();
    await bench.bridge.start();
    expect(bench.count("f.bin")).to.equal(1);
  });

  it("ends with a sentence when the account is signed out", async () => {
    await open();
    const content = testBytes(100 * KILOBYTE);
    const sent = bench.nils.offerFile(MIA.passport, { name: "g.bin", content, bytesPerSecond: 50 * KILOBYTE });
    await until("it to be under way", () => bench.bridge.fake.requests.some(({ path }) => path.endsWith("/upload")));
    bench.bridge.alice.say(bench.management, "logout");
    await sent;
    await bench.reads("The file g.bin of Nils did not come: your connection to MSN was ended.");
    expect(bench.bridge.alice.messages(bench.management).some(({ sender }) => sender === BOT)).to.equal(true);
  });
});
