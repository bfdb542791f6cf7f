import { expect } from "chai";
import { readEphemeralEvent, readPresence, type EphemeralEvent } from "../../src/convert/ephemeral-event.ts";

describe("convert/ephemeral-event", () => {
  const READ: Array<[what: string, event: object, read: EphemeralEvent]> = [
    [
      "typing",
      { type: "m.typing", room_id: "!a:x", content: { user_ids: ["@a:x"] } },
      { kind: "typing", roomId: "!a:x", userIds: ["@a:x"] },
    ],
    [
      "receipts",
      {
        type: "m.receipt",
        room_id: "!a:x",
        content: {
          $1: { "m.read": { "@a:x": { ts: 1 }, "@b:x": {} }, "m.read.private": { "@c:x": {} } },
          $2: { "m.read": { "@a:x": {} } },
        },
      },
      { kind: "receipt", userIds: new Set(["@a:x", "@b:x", "@c:x"]) },
    ],
    [
      "presence",
      { type: "m.presence", sender: "@a:x", content: { presence: "unavailable", last_active_ago: 5 } },
      { kind: "presence", userId: "@a:x", presence: "unavailable" },
    ],
    [
      "presence that only some homeservers have",
      { type: "m.presence", sender: "@a:x", content: { presence: "org.matrix.msc3026.busy" } },
      { kind: "presence", userId: "@a:x", presence: "busy" },
    ],
  ];
  for (const [what, event, read] of READ)
    it(`is read: ${what}`, () => expect(readEphemeralEvent(event)).to.deep.equal(read));

  for (const event of [
    null,
    "m.typing",
    {},
    { type: "m.typing", content: { user_ids: [] } },
    { type: "m.typing", room_id: "!a:x", content: { user_ids: [1] } },
    { type: "m.receipt", content: { $1: [] } },
    { type: "m.presence", sender: "@a:x", content: { presence: "asleep" } },
    { type: "m.direct_to_device", sender: "@a:x", content: {} },
  ])
    it(`is left out: ${JSON.stringify(event)}`, () => expect(readEphemeralEvent(event)).to.equal(undefined));

  it("knows the presences that a homeserver names", () => {
    const names = ["online", "unavailable", "offline", "busy", "org.matrix.msc3026.busy", "", undefined];
    expect(names.map((name) => readPresence(name))).to.deep.equal([
      "online",
      "unavailable",
      "offline",
      "busy",
      "busy",
      undefined,
      undefined,
    ]);
  });
});
