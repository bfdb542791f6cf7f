import { expect } from "chai";
import {
  broadcast,
  disconnect,
  kickUser,
  listAllLogins,
  listUsers,
  reconnectLogin,
} from "../../../src/bridge/actions/admin.ts";
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
    expect(listUsers(bench)).to.deep.equal([
      { userId: ADA, level: "admin", logins: [] },
      { userId: ALICE, level: "user", logins: [NAME] },
      { userId: BOB, level: "user", logins: ["one/eva@example.com"] },
    ]);
    expect(listAllLogins(bench).map(({ owner }) => owner)).to.deep.equal([ALICE, BOB]);
    expect([...bench.stats.stats().logins]).to.deep.equal([["connected", 2]]);
  });

  it("signs a user out, who is told", async () => {
    expect(await kickUser(bench, ALICE, ADA)).to.deep.equal({ type: "kicked", who: ALICE, logins: [NAME] });
    await until("signed out", () => bench.sandbox.sessions(MIA.passport) === 0);
    expect(await kickUser(bench, ALICE, ADA)).to.deep.equal({ type: "not-signed-in", who: ALICE, logins: [] });
    expect(told()).to.deep.equal([ALICE]);
  });

  it("disconnects one login and connects it again, if its owner may use the bridge", async () => {
    const mia = { name: NAME, owner: ALICE };
    expect(await disconnect(bench, MIA.passport, ADA)).to.deep.equal({ type: "disconnected", ...mia });
    expect(told()).to.deep.equal([ALICE]);
    expect(reconnectLogin(bench, NAME)).to.deep.equal({ type: "signing-in", ...mia });
    expect(reconnectLogin(bench, EVA.passport)).to.deep.equal({ type: "not-allowed", owner: BOB });
    expect(reconnectLogin(bench, "x")).to.deep.equal({ type: "unknown-login", name: "x" });
  });

  it("tells those something who are kept signed in and may be", () => {
    expect(broadcast(bench, "Hello", ADA)).to.equal(1);
    expect(told()).to.deep.equal([ALICE]);
  });
});
