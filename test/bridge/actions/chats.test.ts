import { expect } from "chai";
import {
  chatWith,
  closeChat,
  createGroup,
  inviteToChat,
  nudge,
  retryLast,
  setNickname,
  startChat,
} from "../../../src/bridge/actions/chats.ts";
import { Ghosts } from "../../../src/bridge/ghosts/ghosts.ts";
import type { Login } from "../../../src/bridge/login/login.ts";
import type { BridgeScope } from "../../../src/bridge/scope/bridge-scope.ts";
import { GhostIds } from "../../../src/convert/ghost-ids.ts";
import { MatrixError } from "../../../src/matrix/client/errors.ts";
import type { UserIntent } from "../../../src/matrix/client/intent.ts";
import { MsnError } from "../../../src/msn/index.ts";
import { ActionBench, MIA, NILS, OLGA, UNTIL_DONE } from "../../support/action-bench.ts";
import { baseScope, intentOf } from "../../support/scopes.ts";

/** The parts of a scope whose homeserver answers everything with an error. */
function refusing(failure: MatrixError): Partial<BridgeScope> {
  const base = baseScope();
  const request = async (): Promise<never> => {
    throw await Promise.resolve(failure);
  };
  const intent = (userId: string): UserIntent => intentOf(userId, request);
  const ghosts = new Ghosts(base, new GhostIds("localhost"), { intent });
  return { ...base, ghosts, bot: intent("@msnbot:localhost") };
}

describe("bridge/actions/chats", () => {
  let bench: ActionBench;
  let login: Login;
  afterEach(() => bench.close());

  async function begin(error = new MatrixError("forbidden", "no", { errcode: "M_FORBIDDEN" })): Promise<void> {
    bench = await ActionBench.open(refusing(error));
    for (const who of [NILS, OLGA]) bench.sandbox.contact(who);
    login = await bench.login();
  }

  it("say that the homeserver refuses the room, and that a login is logged out", async () => {
    await begin();
    expect(await startChat(login, "NILS@example.com", UNTIL_DONE)).to.include({ type: "homeserver-refused" });
    expect(chatWith(login, "NILS@example.com")).to.include({ kind: "direct", remote: NILS, roomId: null });
    expect(chatWith(login, OLGA)).to.equal(undefined);
    expect(await createGroup(login, [NILS, OLGA])).to.include({ type: "homeserver-refused" });
    await login.session.stop();
    const loggedOut = { type: "logged-out", passport: MIA.passport };
    expect(await startChat(login, NILS, UNTIL_DONE)).to.deep.equal(loggedOut);
  });

  it("say who could not be called", async () => {
    await begin();
    for (const who of [NILS, OLGA]) bench.sandbox.contact(who).signOut();
    const outcome = await createGroup(login, [NILS, OLGA]);
    expect(outcome).to.deep.include({ type: "not-called", who: [NILS, OLGA] });
    const portal = login.portals.direct(NILS);
    expect(await inviteToChat(login, portal, NILS)).to.have.nested.property("error.code", "rejected");
    expect(await inviteToChat(login, portal, OLGA)).to.deep.include({ type: "not-called", who: [OLGA] });
    expect(await nudge(portal, bench.scope.clock.now())).to.have.nested.property("error.code", "contact-offline");
  });

  it("keep a nickname for the next room, and have nothing to close or to send again without one", async () => {
    await begin();
    const named = { type: "nicknamed", account: NILS, title: "Little brother" };
    expect(await setNickname(login, NILS, "Little brother")).to.deep.equal(named);
    expect(bench.scope.store.portals.title(chatWith(login, NILS)?.id ?? 0)).to.equal("Little brother");
    const portal = login.portals.direct(NILS);
    expect(await closeChat(portal, "deleted")).to.deep.equal({ type: "no-room" });
    expect(await retryLast(portal)).to.deep.equal({ type: "nothing-to-retry" });
  });

  it("tell a nudge that arrived from one that did not", async () => {
    await begin();
    const members = { name: () => "Nils" };
    const error = new MsnError("timeout", "no answer");
    const delivered = { say: () => Promise.resolve({ state: "delivered" } as const), members };
    const failed = { say: () => Promise.resolve({ state: "failed", error } as const), members };
    expect(await nudge(delivered, 0)).to.deep.equal({ type: "nudged" });
    expect(await nudge(failed, 0)).to.deep.equal({ type: "not-nudged", name: "Nils", error });
  });
});
