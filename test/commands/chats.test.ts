import { NILS, TestBridge } from "../support/test-bridge.ts";

const OLGA = "olga@example.com";
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

  it("say that the homeserver refuses what they need of it", async () => {
    bridge.sandbox.contact(NILS, "Nils");
    const room = await bridge.login();
    const body = JSON.stringify({ errcode: "M_FORBIDDEN", error: "No rooms today" });
    bridge.fake.fail({ method: "POST", path: /\/createRoom$/u, times: 1, status: 403, body });
    await bridge.ask(room, `start-chat ${NILS}`, "The homeserver refused this (M_FORBIDDEN: No rooms today)");
    bridge.sandbox.contact(OLGA, "Olga");
    await bridge.ask(room, `start-chat ${OLGA}`, "I invited you to your chat");
    bridge.fake.fail({ method: "PUT", path: /\/state\/m\.room\.name/u, times: 1, status: 403, body });
    await bridge.ask(room, `nickname ${OLGA} Olga the Great`, "The homeserver refused this");
    await bridge.ask(room, `nickname ${OLGA} Olga the Great`, "is called Olga the Great");
  });
});
