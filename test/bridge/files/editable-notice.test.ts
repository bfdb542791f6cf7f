import { expect } from "chai";
import { EditableNotice } from "../../../src/bridge/files/editable-notice.ts";
import { NoticeIndex } from "../../../src/bridge/files/notice-index.ts";
import { UserIntent } from "../../../src/matrix/client/intent.ts";
import type { RequestOptions } from "../../../src/matrix/client/requester.ts";
import { silentLog } from "../../../src/util/log.ts";

describe("bridge/files/editable-notice", () => {
  let sent: Array<{ type: string; content: Record<string, unknown> }>;
  let clicks: string[];
  let notice: EditableNotice;
  let index: NoticeIndex;
  /** What the homeserver waits for before it answers. */
  let gate: Promise<void>;
  let isAway: boolean;
  let refused: string | undefined;

  beforeEach(() => {
    [sent, clicks, gate, isAway, refused] = [[], [], Promise.resolve(), false, undefined];
    const request = async (_: string, path: string, options?: RequestOptions): Promise<unknown> => {
      await gate;
      if (isAway) throw new Error("away");
      const type = decodeURIComponent(path.split("/").at(-2) ?? "");
      if (type === refused) throw new Error("no");
      sent.push({ type, content: { ...options?.body } });
      return { event_id: `$${sent.length}` };
    };
    const registrations = { has: () => true, add: () => undefined };
    const mainIntent = new UserIntent("@ghost:x", { request }, { request }, registrations);
    const room = { ensureRead: () => Promise.resolve("!room:x") };
    index = new NoticeIndex();
    notice = new EditableNotice({ portalId: 1, members: { mainIntent }, room, log: silentLog }, index, {
      clicked: (key) => void clicks.push(key),
    });
  });

  it("is said once, offers its reactions, and is edited from then on", async () => {
    notice.say("one", ["✅"]);
    expect([notice.isStarted, notice.isPosted, notice.posting !== undefined]).to.deep.equal([true, false, true]);
    await notice.idle();
    notice.say("two", ["✅", "❌"]);
    await notice.idle();
    expect(sent.map(({ type, content }) => `${type} ${String(content["body"])}`)).to.deep.equal([
      "m.room.message one",
      "m.reaction undefined",
      "m.room.message * two",
      "m.reaction undefined",
    ]);
    expect(sent[2]?.content["m.relates_to"]).to.deep.equal({ rel_type: "m.replace", event_id: "$1" });
    expect([notice.isPosted, notice.posting]).to.deep.equal([true, undefined]);
  });

  it("says only the newest of what has to wait", async () => {
    const answered = Promise.withResolvers<void>();
    gate = answered.promise;
    notice.say("one");
    await new Promise(setImmediate);
    for (const text of ["two", "three", "four"]) notice.say(text);
    answered.resolve();
    await notice.idle();
    expect(sent.map(({ content }) => content["body"])).to.deep.equal(["one", "* four"]);
  });

  it("hears the reactions that it offers, until its end", async () => {
    notice.say("one", ["❌"]);
    await notice.idle();
    notice.click("✅");
    notice.click("❌");
    notice.end("over");
    notice.click("❌");
    notice.say("more");
    await notice.idle();
    expect(clicks).to.deep.equal(["❌"]);
    expect(sent.at(-1)?.content["body"]).to.equal("* over");
  });

  it("hears what it was to offer, before that is offered and where that is refused", async () => {
    refused = "m.reaction";
    notice.say("one", ["✅", "❌"]);
    notice.click("❌");
    await notice.idle();
    notice.click("❌");
    expect(clicks).to.deep.equal(["❌", "❌"]);
  });

  it("is found by its event, as are the newest of many", async () => {
    notice.say("one");
    await notice.idle();
    expect(index.find("$1")).to.equal(notice);
    for (let count = 2; count <= 100; count += 1) index.add(`$${count}`, notice);
    expect(index.find("$1")).to.equal(notice);
    index.add("$101", notice);
    expect([index.find("$1"), index.find("$2")]).to.deep.equal([undefined, notice]);
  });

  it("lets go what cannot be said", async () => {
    isAway = true;
    notice.say("one", ["❌"]);
    await notice.idle();
    expect([notice.isStarted, notice.isPosted]).to.deep.equal([false, false]);
    isAway = false;
    notice.end("two");
    await notice.idle();
    expect(sent.map(({ content }) => content["body"])).to.deep.equal(["two"]);
  });
});
