import { expect } from "chai";
import {
  broadcast,
  disconnect,
  kickUser,
  listAllLogins,
  listUsers,
  reconnectLogin,
} from "../../../src/bridge/actions/admin.ts";
import { bridgeStats } from "../../../src/bridge/actions/stats.ts";
import { ActionBench, ALICE, BOB, EVA, MIA } from "../../support/action-bench.ts";
import { until } from "../../support/until.ts";

const ADA = "@ada:localhost";
const NAME = "one/mia@example.com";

describe("bridge/actions/admin", () => {
  let bench: ActionBench;
  beforeEach(async () => {
    bench = await ActionBench.open({
      permissions: { levelOf: (userId) => (userId === ADA ? "admin" : "user"), isAllowed: (userId) => userId !== BOB },
    });
    await bench.login();
    await bench.login({ ...EVA, owner: BOB });
  });
  afterEach(() => bench.close());

  const told = (): string[] => bench.notices.told.map(({ owner }) => owner);

  it("lists users, logins and how the bridge is", () => {
    bench.scope.store.managementRooms.save({ roomId: "!a:localhost", owner: ADA });
    expect(listUsers(bench.admin)).to.deep.equal([
      { userId: ADA, level: "admin", logins: [] },
      { userId: ALICE, level: "user", logins: [NAME] },
      { userId: BOB, level: "user", logins: ["one/eva@example.com"] },
    ]);
    expect(listAllLogins(bench.admin).map(({ owner }) => owner)).to.deep.equal([ALICE, BOB]);
    expect([...bridgeStats(bench.admin).logins]).to.deep.equal([["connected", 2]]);
  });

  it("signs a user out, who is told", async () => {
    expect(await kickUser(bench.admin, ALICE, ADA)).to.deep.equal({ type: "kicked", who: ALICE, logins: [NAME] });
    await until("signed out", () => bench.sandbox.sessions(MIA.passport) === 0);
    expect(await kickUser(bench.admin, ALICE, ADA)).to.deep.equal({ type: "not-signed-in", who: ALICE, logins: [] });
    expect(told()).to.deep.equal([ALICE]);
  });

  it("disconnects one login and connects it again, if its owner may use the bridge", async () => {
    const mia = { name: NAME, owner: ALICE };
    expect(await disconnect(bench.admin, MIA.passport, ADA)).to.deep.equal({ type: "disconnected", ...mia });
    expect(told()).to.deep.equal([ALICE]);
    expect(reconnectLogin(bench.admin, NAME)).to.deep.equal({ type: "signing-in", ...mia });
    expect(reconnectLogin(bench.admin, EVA.passport)).to.deep.equal({ type: "not-allowed", owner: BOB });
    expect(reconnectLogin(bench.admin, "x")).to.deep.equal({ type: "unknown-login", name: "x" });
  });

  it("tells all who are signed in the same", async () => {
    for (const login of bench.logins.of(BOB)) await bench.logins.signOut(login, "keep");
    await bench.login({ ...EVA, owner: "@cora:localhost" });
    expect(broadcast(bench.admin, "Hello", ADA)).to.equal(2);
    expect(told()).to.deep.equal([ALICE, "@cora:localhost"]);
    for (const { sentence } of bench.notices.told) expect(sentence).to.include("Hello");
  });

  it("tells those something who are kept signed in and may be", () => {
    expect(broadcast(bench.admin, "Hello", ADA)).to.equal(1);
    expect(told()).to.deep.equal([ALICE]);
  });
});
