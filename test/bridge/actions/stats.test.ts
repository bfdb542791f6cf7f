import { expect } from "chai";
import { bridgeStats } from "../../../src/bridge/actions/stats.ts";
import { ActionBench, ALICE, BOB, EVA, NILS } from "../../support/action-bench.ts";

const event = (id: string): Record<string, unknown> => ({
  event_id: id,
  room_id: "!a:localhost",
  sender: ALICE,
  type: "m.room.message",
  content: { msgtype: "m.text", body: "hello" },
});

describe("bridge/actions/stats", () => {
  let bench: ActionBench;
  beforeEach(async () => void (bench = await ActionBench.open()));
  afterEach(() => bench.close());

  it("counts logins, chats and what is on its way, without the command that asks", async () => {
    const { admin, scope } = bench;
    const login = await bench.login();
    const eva = await bench.login({ ...EVA, owner: BOB });
    await eva.session.stop();
    login.portals.direct(NILS);
    scope.store.journal.accept([event("$waits")]);
    for (const { id } of scope.store.journal.accept([event("$command")])) scope.store.journal.markSending(id);
    const { waiting, ...rest } = bridgeStats(admin);
    expect(waiting).to.deep.equal({ toMsn: 1, toMatrix: 0 });
    expect(rest).to.include({ portals: 1, portalsWithRoom: 0, notices: 0 });
    expect(Object.fromEntries(rest.logins)).to.deep.equal({ connected: 1, "logged-out": 1 });
    expect(rest.startedAt).to.be.instanceOf(Date);
    expect(rest.oldest).to.be.within(0, scope.clock.now() - admin.startedAt);
  });
});
