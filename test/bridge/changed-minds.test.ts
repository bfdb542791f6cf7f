import { expect } from "chai";
import { FileBench } from "../support/file-bench.ts";
import { testBytes } from "../support/media-bench.ts";
import { MIA } from "../support/test-bridge.ts";
import { until } from "../support/until.ts";

const KILOBYTE = 1000;
const A_TXT = { name: "a.txt", content: Buffer.from("hello") };

describe("a file from MSN about which somebody changes her mind", () => {
  let bench: FileBench;
  afterEach(() => bench.close());

  async function open(options?: Parameters<typeof FileBench.open>[0]): Promise<void> {
    bench = await FileBench.open(options);
  }

  it("does not show what was cancelled while the homeserver took its time with the end of it", async () => {
    await open({ media: { receive: "ask" } });
    bench.bridge.fake.fail({ method: "POST", path: /upload$/u, times: 1, slow: { when: "before", ms: 300 } });
    const sent = bench.nils.offerFile(MIA.passport, A_TXT);
    const { eventId } = await bench.reads("wants to send you");
    bench.react(eventId, "✅");
    await until("all of it", () => bench.bridge.fake.requests.some(({ path }) => path.endsWith("/upload")));
    bench.react(eventId, "❌");
    expect(await sent).to.include({ type: "cancelled", by: "other" });
    await bench.reads("* You cancelled the file a.txt of Nils.");
    // The homeserver's late answer, which nobody waits for any more, leaves no trace that could be waited for.
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(bench.files()).to.have.length(0);
  });

  it("does not pile up offers that were taken back while the homeserver is slow", async () => {
    await open();
    bench.bridge.fake.fail({ path: /media\/config$/u, times: 1, slow: { when: "before", ms: 60_000 } });
    const outcomes: string[] = [];
    for (let offers = 0; offers < 60; offers += 1) {
      const gone = new AbortController();
      const sent = bench.nils.offerFile(MIA.passport, { ...A_TXT, signal: gone.signal });
      await new Promise(setImmediate);
      gone.abort();
      outcomes.push((await sent).type);
    }
    await bench.nils.say(MIA.passport, "that was all");
    await bench.reads("that was all");
    bench.bridge.fake.calm();
    await bench.reads("The file a.txt of Nils did not come: Nils cancelled it");
    await until(
      "nothing more",
      () => bench.bridge.fake.requests.filter(({ path }) => path.endsWith("media/config")).length === 1,
    );
    expect(outcomes).to.have.length(60);
    expect(bench.count("did not come")).to.be.at.most(20);
  });

  it("hears another answer while it waits for its turn", async () => {
    await open({ media: { receive: "ask" } });
    const content = testBytes(50 * KILOBYTE);
    const late: Array<Promise<{ type: string }>> = [];
    for (let index = 0; index < 11; index += 1) {
      const bytesPerSecond = 50 * KILOBYTE;
      late.push(bench.nils.offerFile(MIA.passport, { name: `${index}.bin`, content, bytesPerSecond }));
      const { eventId } = await bench.reads(`the file ${index}.bin (`);
      bench.react(eventId, "✅");
      if (index < 10) continue;
      bench.react(eventId, "❌");
    }
    expect(await late.at(-1)).to.include({ type: "cancelled", by: "other" });
    await bench.reads("* You cancelled the file 10.bin of Nils.");
    await Promise.all(late);
    expect(bench.files().map(({ body }) => body)).to.not.include("10.bin");
  });

  it("tells the contact nothing of an answer that comes after a restart", async () => {
    await open({ media: { receive: "ask" }, keys: { messages: { reactions: "text" } } });
    const sent = bench.nils.offerFile(MIA.passport, A_TXT);
    const { eventId } = await bench.reads("wants to send you");
    await bench.bridge.stopBridge();
    expect(await sent).to.include({ type: "cancelled", by: "other" });
    await bench.bridge.start();
    await bench.reads("The file a.txt of Nils did not come: this bridge was restarted in the middle.");
    bench.react(eventId, "✅");
    bench.bridge.alice.say(bench.room, "really");
    await until("really", () => bench.nils.received.length > 0);
    expect(bench.nils.received.map(({ text }) => text)).to.deep.equal(["really"]);
  });
});
