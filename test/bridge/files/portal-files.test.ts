import { expect } from "chai";
import { MatrixError } from "../../../src/matrix/client/errors.ts";
import { MsnError } from "../../../src/msn/index.ts";
import { UNDER_WAY } from "../../../src/store/transfers.ts";
import { FileBench } from "../../support/file-bench.ts";
import { matrixEvent } from "../../support/matrix-event.ts";
import { testBytes } from "../../support/media-bench.ts";
import { PortalFilesBench, TestOffer } from "../../support/portal-files-bench.ts";
import { MIA, NETWORKS, NILS } from "../../support/test-bridge.ts";
import { until } from "../../support/until.ts";

const MXC = "mxc://localhost/a";
const SIZES = [0, 1, 2044, 2045, 2046, 1024 * 1024];

for (const [msn, words] of NETWORKS) {
  describe(`files, MSN servers ${words}`, () => {
    let bench: FileBench;
    beforeEach(async () => void (bench = await FileBench.open({ msn })));
    afterEach(() => bench.close());

    it("come from MSN byte for byte, whatever their size", async () => {
      for (const [index, size] of SIZES.entries()) {
        const content = testBytes(size);
        const outcome = await bench.nils.offerFile(MIA.passport, { name: `C:\\x\\${size}.bin`, content });
        expect(outcome).to.include({ type: "sent", bytes: size });
        const shown = await bench.file(index + 1);
        expect(shown.content).to.deep.include({ msgtype: "m.file", body: `${size}.bin`, filename: `${size}.bin` });
        expect(shown.content["info"]).to.include({ size });
        expect(bench.bytes(shown).equals(content)).to.equal(true);
      }
    });

    it("go to MSN byte for byte, whatever their size", async () => {
      bench.nils.onOffer = () => ({ listens: true });
      for (const [index, size] of SIZES.entries()) {
        const content = testBytes(size);
        const eventId = bench.send(content, `${size}.bin`);
        await until(`${size} bytes`, () => bench.nils.files.length === index + 1);
        expect(bench.nils.files[index]).to.deep.include({ from: MIA.passport, name: `${size}.bin`, bytes: content });
        await bench.receipt(eventId);
      }
      expect(bench.count("did not get")).to.equal(0);
    });
  });
}

describe("bridge/files/portal-files", () => {
  let bench: PortalFilesBench;
  afterEach(() => bench.close());

  const open = (...how: ConstructorParameters<typeof PortalFilesBench>): void => {
    bench = new PortalFilesBench(...how);
  };

  it("shows a file from MSN in the commit that ends its transfer", async () => {
    open();
    const offer = new TestOffer("a.txt");
    bench.files.offered(offer);
    await until("the fetching", () => offer.sink !== undefined);
    expect(bench.underWay).to.deep.equal(["a.txt"]);
    offer.sink?.end(Buffer.from("hello"));
    await offer.done;
    expect(bench.shown()).to.deep.include({
      type: "file",
      from: NILS,
      name: "a.txt",
      kind: "file",
      size: 5,
      mxc: MXC,
      mimetype: "text/plain",
    });
    expect([bench.underWay, bench.notices, bench.uploads]).to.deep.equal([[], [], ["a.txt"]]);
  });

  it("asks the owner, and takes the answer from a reaction that no contact sees", async () => {
    open({ receive: "ask" });
    const [yes, no] = [new TestOffer("yes.txt"), new TestOffer("no.txt")];
    bench.files.offered(yes);
    await until("the question", () => bench.sent.length === 3);
    const other = bench.react("$sent1", "👍");
    expect(bench.files.take(other)).to.equal(false);
    const accepted = bench.react("$sent1", "✅\u{fe0f}");
    expect(bench.files.take(accepted)).to.equal(true);
    expect(bench.state(accepted.rowId)).to.equal("skipped about a file");
    await until("the fetching", () => yes.sink !== undefined);
    bench.files.offered(no);
    await until("the question", () => bench.sent.length === 6);
    expect(bench.files.take(bench.react("$sent4", "❌"))).to.equal(true);
    await until("the end", () => no.log.length === 1);
    expect(no.log).to.deep.equal(["declined REJECT"]);
    await until("the word about it", () => bench.notices.length === 3);
    expect(bench.notices[2]).to.equal("* You declined the file no.txt of nils@example.com.");
    expect(bench.underWay).to.deep.equal(["yes.txt"]);
  });

  it("keeps a reaction that is quicker than the homeserver's answer, and takes it again", async () => {
    open({ receive: "ask" });
    const answered = Promise.withResolvers<void>();
    bench.gate = answered.promise;
    bench.files.offered(new TestOffer("a.txt"));
    await bench.settle();
    const accepted = bench.react("$sent1", "✅");
    const lost = { rowId: accepted.rowId, event: matrixEvent({ ...accepted.event.source, event_id: "$lost" }) };
    expect(bench.files.take(lost), "one whose commit fails").to.equal(true);
    expect(bench.files.take(accepted)).to.equal(true);
    expect([bench.state(accepted.rowId), bench.deferred]).to.deep.equal(["accepted", []]);
    answered.resolve();
    await until("the reaction", () => bench.deferred.length === 1);
    expect(bench.deferred).to.deep.equal([accepted]);
    expect(bench.files.take(accepted)).to.equal(true);
    expect(bench.state(accepted.rowId)).to.equal("skipped about a file");
    // What nothing is being said about is the contact's.
    expect(bench.files.take(bench.react("$other", "✅"))).to.equal(false);
  });

  it("says in the room why a file did not arrive, in the commit that ends its transfer", async () => {
    open();
    const offer = new TestOffer("a.txt");
    bench.files.offered(offer);
    await until("the fetching", () => offer.sink !== undefined);
    offer.end({ state: "failed", problem: "stalled", error: new MsnError("timeout", "silence") });
    await until("the end", () => bench.underWay.length === 0);
    expect(bench.shown()).to.deep.equal([
      {
        type: "notice",
        text: "The file a.txt of nils@example.com did not come: nils@example.com's program fell silent in the middle.",
      },
    ]);
  });

  it("declines more than a contact may offer at once", async () => {
    open({ receive: "ask" });
    const offers = Array.from({ length: 21 }, (_, index) => new TestOffer(`${index}.txt`));
    for (const offer of offers) bench.files.offered(offer);
    await until("the questions", () => bench.underWay.length === 20);
    expect(offers.map(({ log }) => log.join())).to.deep.equal([
      ...Array.from({ length: 20 }, () => ""),
      "declined FAIL",
    ]);
  });

  for (const [what, settings, limit, words] of [
    ["files are off", { receive: "off" }, undefined, "does not take files"],
    ["it is too large for the bridge", { maxSize: 4 }, undefined, "this bridge takes files of up to 4 bytes"],
    ["it is too large for the homeserver", {}, 3, "your homeserver takes files of up to 3 bytes"],
  ] as const) {
    it(`declines a file, with a word to the owner, where ${what}`, async () => {
      open(settings, { uploadLimit: () => Promise.resolve(limit) });
      const offer = new TestOffer("a.txt");
      bench.files.offered(offer);
      await offer.done;
      await bench.settle();
      expect([offer.log, bench.underWay]).to.deep.equal([["declined REJECT"], []]);
      expect(JSON.stringify(bench.shown())).to.include(words);
    });
  }

  it("makes a row uncertain while its file is under way, and settles it once more at the end", async () => {
    open();
    const row = bench.send("a.txt");
    expect([bench.state(row.id), bench.underWay]).to.deep.equal([`uncertain ${UNDER_WAY}`, ["a.txt"]]);
    await until("the end", () => bench.outcomes.length === 1);
    expect(bench.outcomes[0]).to.match(/^failed internal: nils@example\.com did not get the file a\.txt: .*🔁/u);
    expect([bench.state(row.id), bench.underWay]).to.deep.equal(["failed internal", []]);
  });

  it("goes on with the next file of a message only where the one before can never be sent", async () => {
    open(
      {},
      { download: (mxc) => Promise.reject(new MatrixError(mxc.endsWith("/b") ? "not-found" : "timeout", "no")) },
    );
    const row = bench.send("one.txt", "two.txt");
    await until("the end", () => bench.outcomes.length === 1);
    expect(bench.shown()).to.deep.equal([
      {
        type: "notice",
        text: "nils@example.com did not get the file one.txt: your homeserver does not have it any more.",
        replyTo: row.eventId,
      },
    ]);
    expect(bench.outcomes[0]).to.include("did not get the file two.txt");
    expect(bench.scope.store.parts.done(row.id)).to.equal(2);
    expect([bench.state(row.id), bench.underWay]).to.deep.equal(["failed timeout", []]);
  });

  it("cancels a file whose message is deleted, and leaves other deletions alone", async () => {
    const asked = Promise.withResolvers<AbortSignal | undefined>();
    const away = (signal: AbortSignal | undefined): Promise<never> =>
      new Promise((_, reject) => signal?.addEventListener("abort", () => reject(new MatrixError("timeout", "gone"))));
    open(
      {},
      {
        download: async (_, options) => {
          asked.resolve(options?.signal);
          return away(options?.signal);
        },
      },
    );
    const row = bench.send("a.txt");
    await asked.promise;
    expect(bench.files.take(bench.redact("$other"))).to.equal(false);
    const deletion = bench.redact(row.eventId ?? "");
    expect(bench.files.take(deletion)).to.equal(true);
    expect(bench.state(deletion.rowId)).to.equal("skipped applied");
    await until("the end", () => bench.underWay.length === 0);
    expect([bench.state(row.id), bench.outcomes]).to.deep.equal(["skipped taken back", []]);
    expect(bench.files.take(bench.redact(row.eventId ?? ""))).to.equal(false);
  });

  it("ends without a word when it is stopped, and tells of both directions in the next run", async () => {
    const asked = Promise.withResolvers<void>();
    open(
      {},
      {
        download: async (_, options) => {
          asked.resolve();
          return new Promise((__, reject) =>
            options?.signal?.addEventListener("abort", () => reject(new MatrixError("timeout", "gone"))),
          );
        },
      },
    );
    const offer = new TestOffer("in.txt");
    bench.files.offered(offer);
    await until("the fetching", () => offer.sink !== undefined);
    const row = bench.send("out.txt");
    await asked.promise;
    await bench.files.stop();
    expect([offer.log, bench.shown(), bench.outcomes]).to.deep.equal([["accepted", "cancelled"], [], []]);
    expect(bench.underWay).to.deep.equal(["in.txt", "out.txt"]);
    const late = new TestOffer("late.txt");
    bench.files.offered(late);
    expect(late.log).to.deep.equal(["declined FAIL"]);
    bench.restart();
    bench.files.resume();
    expect(JSON.stringify(bench.shown())).to.include(
      "The file in.txt of nils@example.com did not come: this bridge was restarted",
    );
    expect(bench.outcomes.join()).to.match(
      /^failed interrupted: The transfer of the file out\.txt to nils@example\.com was cut off/u,
    );
    expect([bench.underWay, bench.state(row.id)]).to.deep.equal([[], "failed interrupted"]);
    bench.files.resume();
    expect([bench.shown(), bench.outcomes.length]).to.deep.equal([[], 1]);
  });
});
