import { expect } from "chai";
import { join } from "node:path";
import { Alerts } from "../../src/ops/alerts.ts";
import { UserIntent } from "../../src/matrix/client/intent.ts";
import { openStore, type Store } from "../../src/store/store.ts";
import { systemClock } from "../../src/util/clock.ts";
import { captureLog, type CapturedLog } from "../support/captured-log.ts";
import { TestBridge } from "../support/test-bridge.ts";
import { tempFolder } from "../support/temp-folder.ts";
import { until } from "../support/until.ts";
import { timesOf } from "../support/calendars.ts";

const ROOM = "!ops:example.org";

describe("ops/alerts", () => {
  const folder = tempFolder();
  after(() => folder.remove());
  let store: Store;
  let captured: CapturedLog;
  let said: string[];
  beforeEach(() => {
    store = openStore({ path: ":memory:", keyFile: join(folder.path, "key"), ...timesOf(systemClock) });
    [captured, said] = [captureLog(), []];
  });
  afterEach(() => store.close());

  function operatorIn(room: string | undefined): Alerts {
    const request = (): Promise<unknown> => Promise.reject(new Error("no homeserver"));
    const registrations = { has: () => true, add: () => undefined };
    const bot = new UserIntent("@bot:example.org", { request }, { request }, registrations);
    const say = (_: string, roomId: string, text: string): void => void said.push(`${roomId} ${text}`);
    return new Alerts({ bot, store, log: captured.log }, room, { say });
  }

  it("says the same trouble once in the room, until it is over, and always in the log", async () => {
    const alerts = operatorIn(ROOM);
    alerts.over("disk", "Never was.");
    for (let index = 0; index < 3; index += 1) alerts.alert("disk", "Full.");
    await until("the sentence", () => said.length > 0);
    alerts.alert("disk", "Full.");
    await until("the log", () => captured.messages("error").length === 4);
    alerts.over("disk", "Fine.");
    alerts.over("disk", "Fine.");
    alerts.alert("disk", "Full again.");
    await until("the sentence", () => said.length > 2);
    expect(said).to.deep.equal([`${ROOM} Full.`, `${ROOM} Fine.`, `${ROOM} Full again.`]);
  });

  it("needs no room", () => {
    operatorIn(undefined).alert("disk", "Full.");
    expect(captured.messages("error")).to.deep.equal(["Full."]);
    expect(said).to.deep.equal([]);
  });

  for (const path of [/whoami$/u, /\/register$/u, /displayname$/u]) {
    it(`hears nothing of "any more" when the token is refused at the start (${path.source})`, async () => {
      const bridge = await TestBridge.open();
      try {
        const body = { errcode: "M_UNKNOWN_TOKEN", error: "Unknown token" };
        bridge.fake.fail({ status: 401, body, times: 1, path });
        const error = await bridge.start().catch((reason: unknown) => reason);
        expect(error).to.have.property("code", "token-refused");
        expect(bridge.captured.messages("error")).to.deep.equal([]);
      } finally {
        await bridge.close();
      }
    });
  }

  it("hears of a homeserver that does not know the token any more", async () => {
    const bridge = await TestBridge.started();
    try {
      const room = await bridge.manage();
      const body = { errcode: "M_UNKNOWN_TOKEN", error: "Unknown token" };
      bridge.fake.fail({ status: 401, body, times: 2, path: /send/u });
      bridge.alice.say(room, "help help");
      await until("the log", () =>
        bridge.captured.messages("error").some((line) => line.includes("does not accept this bridge's token any more")),
      );
      await bridge.reads(bridge.alice, room, "Example: help login");
    } finally {
      await bridge.close();
    }
  });
});
