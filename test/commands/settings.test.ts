import { expect } from "chai";
import type { ScriptedContact } from "../support/sandbox/scripted-contact.ts";
import { MIA, NETWORKS, NILS, TestBridge } from "../support/test-bridge.ts";
import { until } from "../support/until.ts";

for (const [msn, words] of NETWORKS) {
  describe(`the person's own status, MSN servers ${words}`, () => {
    let bridge: TestBridge;
    let management: string;
    beforeEach(async () => {
      bridge = await TestBridge.started({ msn });
      management = await bridge.login();
    });
    afterEach(() => bridge.close());

    async function shows(status: string): Promise<void> {
      await until(status, () => bridge.sandbox.shown(MIA.passport).status === status);
    }

    it("is set to all there are, by word and by code, and stays so over a restart", async () => {
      for (const [word, status, text] of [
        ["busy", "BSY", "busy"],
        ["Away", "AWY", "away"],
        ["brb", "BRB", "be right back"],
        ["phone", "PHN", "on the phone"],
        ["lunch", "LUN", "out to lunch"],
        ["idle", "IDL", "idle"],
        ["hidden", "HDN", "appears offline"],
        ["online", "NLN", "online"],
        ["phn", "PHN", "on the phone"],
      ] as const) {
        await bridge.ask(management, `set-status ${word}`, `your status is "${text}", and it stays as you set it`);
        await shows(status);
      }
      await bridge.stopBridge();
      await bridge.start();
      await until("signed in", () => bridge.sandbox.sessions(MIA.passport) === 1);
      await shows("PHN");
    });

    it("is warned of where nobody could write to her, and cannot be what only a logout is", async () => {
      await bridge.ask(management, "set-status invisible", "Nobody can write to you while you are hidden");
      await bridge.ask(management, "set-status offline", "Say logout");
      await bridge.ask(management, "set-status FLN", "Say logout");
      await bridge.ask(management, "set-status sleepy", 'There is no status "sleepy"');
      await bridge.ask(management, `set-status busy ${NILS}`, `You have no login ${NILS}`);
      await bridge.ask(management, "set-status", 'your status is "appears offline", and it stays as you set it');
    });

    it("follows her Matrix presence until she sets it herself, and again once she says so", async () => {
      await shows("NLN");
      bridge.alice.setPresence("online");
      await bridge.ask(management, "set-status", 'your status is "online", and it follows what you do on Matrix');
      await bridge.ask(management, "set-status lunch", "out to lunch");
      bridge.alice.setPresence("unavailable");
      bridge.alice.setPresence("online");
      await bridge.ask(management, "set-status", "out to lunch");
      await bridge.ask(management, "set-status follow", 'your status is "online", and it follows');
      await shows("NLN");
      await bridge.ask(management, "set-status always", "it is always online");
      await bridge.ask(management, "set-status manual", 'your status is "out to lunch", and it stays as you set it');
      await shows("LUN");
    });

    it("is what Matrix shows of her when the bridge signs her in", async () => {
      const { alice } = bridge;
      await bridge.stopBridge();
      alice.setPresence("online");
      await bridge.start();
      await shows("NLN");
      await bridge.stopBridge();
      alice.setPresence("offline");
      await bridge.start();
      await until("signed in", () => bridge.sandbox.sessions(MIA.passport) === 1);
      await shows("AWY");
      alice.say(management, "help");
      alice.setPresence("online");
      await shows("NLN");
    });

    it("is what the operator says where she has said nothing", async () => {
      await bridge.close();
      bridge = await TestBridge.started({ msn, keys: { presence: { policy: "always" } } });
      management = await bridge.login();
      bridge.alice.setPresence("offline");
      await bridge.ask(management, "set-status", "it is always online");
    });

    it("stands beside a name that contacts see, which she can change", async () => {
      const olga: ScriptedContact = bridge.sandbox.contact("olga@example.com", "Olga");
      await bridge.ask(management, "set-name  Mia, die Große 🙂", 'see mia@example.com as "Mia, die Große 🙂" now');
      expect(bridge.sandbox.shown(MIA.passport).name).to.equal("Mia, die Große 🙂");
      await bridge.ask(management, `set-name Mia ${MIA.passport}`, 'as "Mia" now');
      await bridge.ask(management, "set-name", "Say set-name and the name");
      await bridge.ask(management, `set-name ${"ü".repeat(70)}`, "too long");
      expect(olga.name).to.equal("Olga");
      expect(bridge.sandbox.shown(MIA.passport).name).to.equal("Mia");
    });
  });
}
