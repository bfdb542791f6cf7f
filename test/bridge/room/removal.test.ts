import { expect } from "chai";
import { MIA, TestBridge } from "../../support/test-bridge.ts";
import { until } from "../../support/until.ts";

const GONE = { status: 404, body: { errcode: "M_NOT_FOUND", error: "gone" } };
const REFUSED = { status: 403, body: { errcode: "M_FORBIDDEN", error: "no" } };
const BROKEN = { status: 500, body: { errcode: "M_UNKNOWN", error: "broken" } };
const REMOVED = "I removed your message with the password.";
const PARTLY = "I could not remove all versions of your message with the password";
const NOT = "I could not remove your message with the password";

describe("bridge/room/removal", () => {
  let bridge: TestBridge;
  let room: string;
  beforeEach(async () => {
    bridge = await TestBridge.started();
    room = await bridge.manage();
  });
  afterEach(() => bridge.close());

  /** Says something and edits the password into it. What becomes of either is the homeserver's affair. */
  async function login(fail: (original: string) => void): Promise<string> {
    bridge.fake.holdTransactions(true);
    const original = bridge.alice.say(room, "login sandbox");
    fail(original);
    const body = `login sandbox ${MIA.passport} ${MIA.password}`;
    const edit = {
      msgtype: "m.text",
      body: `* ${body}`,
      "m.new_content": { msgtype: "m.text", body },
      "m.relates_to": { rel_type: "m.replace", event_id: original },
    };
    bridge.alice.send(room, "m.room.message", edit);
    bridge.fake.holdTransactions(false);
    return (await bridge.reads(bridge.alice, room, "You are signed in")).body;
  }

  const ofOriginal = (id: string): RegExp => new RegExp(`/redact/${encodeURIComponent(id).replace("$", "\\$")}/`, "u");
  const cases: Array<[what: string, fault: object, times: number, isFirstOnly: boolean, answer: string]> = [
    ["the original is gone", GONE, 1, true, REMOVED],
    ["both are gone", GONE, 2, false, REMOVED],
    ["the original may not be removed", REFUSED, 1, true, `${PARTLY} (I have no power for it in this room)`],
    ["neither may be removed", REFUSED, 2, false, `${NOT} (I have no power for it in this room)`],
    [
      "the homeserver does not answer about the original",
      BROKEN,
      3,
      true,
      `${PARTLY} (the homeserver does not answer)`,
    ],
    ["the homeserver is itself again at the second try", BROKEN, 1, false, REMOVED],
  ];
  for (const [what, fault, times, isFirstOnly, answer] of cases) {
    it(`goes on, says what is left, and does not end the command: ${what}`, async () => {
      const told = await login((original) => {
        const path = isFirstOnly ? ofOriginal(original) : /\/redact\//u;
        bridge.fake.fail({ method: "PUT", path, times, ...fault });
      });
      expect(told).to.include(answer);
      const asked = new Set(bridge.fake.requests.flatMap(({ path }) => /\/redact\/([^/]+)\//u.exec(path)?.[1] ?? []));
      expect(asked.size).to.equal(2);
      if (isFirstOnly)
        await until("the edit is removed", () =>
          bridge.alice.messages(room).every(({ body }) => !body.includes(MIA.password)),
        );
    });
  }
});
