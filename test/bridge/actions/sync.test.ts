import { expect } from "chai";
import { addContact } from "../../../src/bridge/actions/people.ts";
import { syncLogin } from "../../../src/bridge/actions/sync.ts";
import { ActionBench, NILS, UNTIL_DONE } from "../../support/action-bench.ts";
import { rejection } from "../../support/rejection.ts";

describe("bridge/actions/sync", () => {
  let bench: ActionBench;
  beforeEach(async () => void (bench = await ActionBench.open()));
  afterEach(() => bench.close());

  it("counts the contacts, and asks the homeserver nothing where there are no chats", async () => {
    bench.sandbox.contact(NILS);
    const login = await bench.login();
    await addContact(login, NILS);
    const synced = { type: "synced", contacts: 1, names: 0, rooms: 0, invitations: 0, failed: 0, refused: 0 };
    expect(await syncLogin(bench.logins, login, UNTIL_DONE)).to.deep.equal(synced);
    await login.session.stop();
    expect(await syncLogin(bench.logins, login, UNTIL_DONE)).to.include({ type: "not-signed-in" });
  });

  it("ends between two chats when it is called off", async () => {
    const login = await bench.login();
    login.portals.direct(NILS);
    const calledOff = AbortSignal.abort(new Error("not wanted any more"));
    expect(await rejection(syncLogin(bench.logins, login, calledOff))).to.have.property(
      "message",
      "not wanted any more",
    );
  });
});
