import { expect } from "chai";
import { DECAY, OWNER, PresenceBench } from "../../support/presence-bench.ts";

const MINUTE = 60_000;

describe("bridge/presence/presence", () => {
  let bench: PresenceBench;
  beforeEach(async () => void (bench = await PresenceBench.open()));
  afterEach(() => bench.close());

  const presences = (): string[] => bench.told.map(({ presence }) => presence);

  it("falls silent on a homeserver without presence, says so once, and looks again after an hour", async () => {
    bench.fake.world.presence.isOn = false;
    const names = Array.from({ length: 50 }, (_, index) => `c${index}`);
    for (const name of names) bench.meet(name);
    for (let turn = 0; turn < 12; turn += 1) {
      for (const name of names) bench.see(name, turn % 2 === 0 ? "NLN" : "AWY");
      await bench.pass(5000, 500);
    }
    expect(bench.told.length).to.be.below(5);
    expect(bench.captured.messages("info").filter((line) => line.includes("does not keep presence"))).to.have.length(1);
    await bench.pass(59 * MINUTE, MINUTE);
    await bench.pass(5000);
    expect(bench.told.length).to.be.below(5);
    bench.fake.world.presence.isOn = true;
    await bench.pass(60 * MINUTE, MINUTE);
    await bench.pass(20_000);
    for (const name of names) expect(bench.shown(name)).to.equal("unavailable: Away");
  });

  it("tells changes only, and nothing of those who have no room until they have one", async () => {
    bench.see("nils", "NLN");
    await bench.pass(1000);
    expect(bench.told).to.deep.equal([]);
    const userId = bench.meet("nils");
    bench.presence.roomOpened(userId);
    await bench.pass(1000);
    expect(bench.shown("nils")).to.equal("online");
    bench.see("nils", "NLN");
    await bench.pass(1000);
    expect(presences()).to.deep.equal(["online"]);
    bench.see("nils", "FLN");
    await bench.pass(1000);
    bench.see("nils", "HDN");
    await bench.pass(1000);
    expect(presences()).to.deep.equal(["online", "offline"]);
  });

  it("looks for the rooms of those only whom it tells of, however many change however often", async () => {
    bench.meet("nils");
    const before = bench.looks;
    for (let round = 0; round < 20; round += 1) {
      for (let index = 0; index < 500; index += 1) bench.see(`c${index}`, round % 2 === 0 ? "NLN" : "BSY");
      bench.see("nils", round % 2 === 0 ? "NLN" : "BSY");
    }
    await bench.pass(2000);
    expect(presences()).to.deep.equal(["online"]);
    expect(bench.shown("nils")).to.equal("online: Busy");
    expect(bench.looks - before).to.be.below(10);
  });

  it("tells the oldest change first, and of many changes of one contact the last", async () => {
    for (const name of ["a", "b", "c", "d", "e", "f", "g"]) bench.meet(name);
    for (const name of ["a", "b", "c", "d", "e"]) bench.see(name, "NLN");
    await bench.settle();
    for (const name of ["f", "a", "g", "f", "a"]) bench.see(name, "BSY");
    for (const name of ["f", "a", "g", "f", "a"]) bench.see(name, "LUN");
    await bench.pass(2000);
    const order = bench.told.slice(5).map(({ user, status_msg: text }) => [user, text]);
    expect(order).to.deep.equal(["f", "a", "g"].map((name) => [bench.ghost(name), "Out to lunch"]));
  });

  it("keeps ghosts from decaying while the owner is active in their rooms, and lets them when she is not", async () => {
    bench.fake.world.presence.decay = DECAY;
    for (const name of ["nils", "olga", "emil"]) bench.meet(name);
    bench.rooms.delete(bench.ghost("emil"));
    const invited = bench.rooms.get(bench.ghost("olga"))?.[0]?.roomId ?? "";
    bench.see("nils", "NLN");
    bench.see("olga", "AWY");
    bench.activity.seen(OWNER);
    for (let second = 0; second < 5 * 60; second += 5) {
      await bench.pass(5000, 1000);
      expect([bench.shown("nils"), bench.shown("olga")]).to.deep.equal(["online", "unavailable: Away"]);
    }
    expect(bench.told.length).to.be.below(25);
    const before = bench.told.length;
    await bench.pass(5 * MINUTE, 5000);
    expect(bench.told.length - before).to.be.at.most(1);
    expect(bench.shown("nils")).to.equal("offline");
    // Whoever has only been invited is not there to see it.
    bench.fake.world.setMembership(invited, OWNER, OWNER, "leave");
    bench.activity.seen(OWNER);
    await bench.pass(6000, 1000);
    expect(bench.shown("nils")).to.equal("online");
  });

  it("does not refresh in a room that the owner has not joined", async () => {
    bench.fake.world.presence.decay = DECAY;
    const userId = bench.meet("nils");
    const roomId = bench.rooms.get(userId)?.[0]?.roomId ?? "";
    bench.fake.world.setMembership(roomId, OWNER, OWNER, "leave");
    bench.see("nils", "NLN");
    bench.activity.seen(OWNER);
    await bench.pass(2 * MINUTE, 1000);
    expect(presences()).to.deep.equal(["online"]);
  });

  it("shows a contact of two logins as the best that either sees", async () => {
    bench.meet("nils");
    bench.see("nils", "AWY", 1);
    bench.see("nils", "NLN", 2);
    await bench.pass(1000);
    expect(bench.shown("nils")).to.equal("online");
    bench.presence.session(2, "logged-out");
    await bench.pass(1000);
    expect(bench.shown("nils")).to.equal("unavailable: Away");
    bench.presence.session(1, "logged-out");
    await bench.pass(1000);
    expect(bench.shown("nils")).to.equal("offline");
  });

  it("waits before it takes all contacts of a lost connection for gone, and then takes those who have not come back", async () => {
    for (const name of ["nils", "olga"]) {
      bench.meet(name);
      bench.see(name, "NLN");
    }
    await bench.pass(1000);
    bench.presence.session(1, "waiting");
    await bench.pass(15_000);
    bench.presence.session(1, "connected");
    bench.see("nils", "NLN");
    await bench.pass(9000);
    expect(presences()).to.deep.equal(["online", "online"]);
    await bench.pass(1000);
    expect([bench.shown("nils"), bench.shown("olga")]).to.deep.equal(["online", "offline"]);
    bench.presence.session(1, "connecting");
    await bench.pass(19_000);
    expect(bench.shown("nils")).to.equal("online");
    await bench.pass(1000);
    expect(bench.shown("nils")).to.equal("offline");
  });

  it("says that everybody is offline when it stops, within its patience and its pace", async () => {
    for (let index = 0; index < 30; index += 1) {
      bench.meet(`c${index}`);
      bench.see(`c${index}`, "NLN");
    }
    await bench.pass(10_000);
    const stopped = bench.presence.stop(5000);
    bench.see("c0", "BSY");
    await bench.pass(5000);
    await stopped;
    const goodbyes = bench.told.filter(({ presence }) => presence === "offline");
    expect(goodbyes.length).to.be.within(25, 30);
    expect(bench.busiest()).to.be.at.most(5);
    expect(bench.clock.waiting).to.equal(0);
  });

  it("tries again what the homeserver could not take, and goes on past what it refuses", async () => {
    for (const name of ["nils", "olga"]) bench.meet(name);
    bench.see("nils", "NLN");
    await bench.pass(1000);
    const path = /\/presence\//u;
    bench.fake.fail({ method: "PUT", path, status: 403, body: { errcode: "M_FORBIDDEN" }, times: 1 });
    bench.see("nils", "AWY");
    bench.see("olga", "NLN");
    await bench.pass(1000);
    expect([bench.shown("nils"), bench.shown("olga")]).to.deep.equal(["online", "online"]);
    bench.fake.fail({
      method: "PUT",
      path,
      status: 429,
      body: { errcode: "M_LIMIT_EXCEEDED", retry_after_ms: 1 },
      times: 1,
    });
    bench.see("nils", "BSY");
    await bench.pass(3000);
    expect(bench.shown("nils")).to.equal("online: Busy");
  });
});
