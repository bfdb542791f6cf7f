import { expect } from "chai";
import type { OwnerNotices } from "../../../src/bridge/base/owner-notices.ts";
import { UnstoredEvents } from "../../../src/bridge/from-msn/unstored-events.ts";
import type { SessionEvent } from "../../../src/bridge/session/session.ts";
import { notKept } from "../../../src/bridge/words/outages.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { loginScope } from "../../support/scopes.ts";

interface Said {
  readonly from?: string;
  readonly text: string;
}

describe("bridge/from-msn/unstored-events", () => {
  /** What waits for a disk that takes neither messages nor notices until it is told to. */
  class Scene {
    takesMessages = false;
    takesNotices = false;
    readonly kept: string[] = [];
    readonly told: string[] = [];
    readonly clock = new FakeClock();
    readonly stopping = new AbortController();
    readonly #scope = loginScope({ clock: this.clock, signal: this.stopping.signal, notices: this.#notices() });
    readonly unstored = new UnstoredEvents(this.#scope, this);

    onEvent(event: SessionEvent): void {
      if (!this.takesMessages || !this.unstored.isEmpty) this.unstored.add(event);
      else if (event.type === "content" && event.content.type === "text") this.kept.push(event.content.text);
    }

    async written(): Promise<void> {
      await Promise.resolve();
    }

    say({ from, text }: Said): void {
      if (from === undefined) this.onEvent({ type: "request", account: "ann", name: "Ann" });
      else
        this.onEvent({ type: "content", account: from, name: from, content: { type: "text", text }, group: undefined });
    }

    #notices(): OwnerNotices {
      return {
        tell: (_, sentence) => {
          if (!this.takesNotices) throw new Error("full");
          this.told.push(sentence);
        },
        hasTold: () => false,
      };
    }
  }

  it("keeps the order of what waits, and tries again until the disk takes it", async () => {
    const scene = new Scene();
    for (const text of ["one", "two", "three"]) scene.say({ from: "Nils", text });
    await scene.clock.advance(60_000);
    expect(scene.kept).to.deep.equal([]);
    scene.takesMessages = true;
    scene.say({ from: "Nils", text: "four" });
    await scene.clock.advance(5000);
    expect(scene.kept).to.deep.equal(["one", "two", "three", "four"]);
    expect(scene.unstored.isEmpty).to.equal(true);
    expect(scene.clock.waiting).to.equal(0);
    expect(await scene.unstored.flush()).to.equal(true);
  });

  it("counts what is too much by who said it, and tells that once the disk takes it", async () => {
    const scene = new Scene();
    for (let index = 0; index < 1000; index += 1) scene.say({ from: "Nils", text: String(index) });
    for (const from of ["Nils", "Ann", "Ann"]) scene.say({ from, text: "too much" });
    scene.say({ text: "nobody's message" });
    await scene.clock.advance(60_000);
    expect(scene.told).to.deep.equal([]);
    scene.takesMessages = true;
    scene.takesNotices = true;
    await scene.clock.advance(5000);
    expect(scene.kept).to.have.length(1000);
    expect(scene.told).to.deep.equal([
      "1 message from Nils, 2 messages from Ann could not be kept, because the disk of this bridge was full. Ask these " +
        "contacts to send them again.",
    ]);
    expect(scene.clock.waiting).to.equal(0);
  });

  it("makes room at once for what comes when the disk has some again", () => {
    const scene = new Scene();
    for (let index = 0; index < 1001; index += 1) scene.say({ from: "Nils", text: String(index) });
    scene.takesMessages = true;
    scene.takesNotices = true;
    scene.unstored.retry();
    scene.say({ from: "Nils", text: "new" });
    expect(scene.kept).to.have.length(1001);
    expect(scene.kept.at(-1)).to.equal("new");
    expect(scene.told).to.have.length(1);
  });

  it("at the end tells what could not be kept, and says whether that is known to be told", async () => {
    const scene = new Scene();
    for (const text of ["one", "two"]) scene.say({ from: "Nils", text });
    scene.stopping.abort();
    expect(await scene.unstored.flush()).to.equal(false);
    scene.takesNotices = true;
    expect(await scene.unstored.flush()).to.equal(true);
    expect(scene.told).to.deep.equal([
      "2 messages from Nils could not be kept, because the disk of this bridge was full. Ask the contact to send them " +
        "again.",
    ]);
    expect(scene.unstored.isEmpty).to.equal(true);
  });

  it("names many without end", () => {
    const lost = new Map(Array.from({ length: 22 }, (_, index) => [`c${index}`, 1]));
    expect(notKept(lost, String)).to.include("1 message from c19 and from 2 more contacts could not be kept");
  });
});
