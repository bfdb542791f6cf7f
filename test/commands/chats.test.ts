import { NILS, TestBridge } from "../support/test-bridge.ts";

const EVA = { passport: "eva@example.com", password: "eva's" };

describe("commands about one chat", () => {
  let bridge: TestBridge;
  beforeEach(async () => void (bridge = await TestBridge.started()));
  afterEach(() => bridge.close());

  it("give a nickname also to those who have several logins", async () => {
    bridge.sandbox.addAccount(EVA);
    bridge.sandbox.contact(NILS, "Nils");
    const room = await bridge.login();
    await bridge.ask(room, `login sandbox ${EVA.passport} ${EVA.password}`, "You are signed in");
    await bridge.ask(room, `nickname ${NILS} Little brother`, "You have several logins");
    await bridge.ask(room, `nickname ${NILS} Little brother ${EVA.passport}`, "is called Little brother.");
    await bridge.ask(room, `nickname ${NILS} ${EVA.passport}`, "goes by her own name");
  });
});
