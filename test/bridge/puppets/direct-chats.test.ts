import { expect } from "chai";
import * as fc from "fast-check";
import { mergeDirectChats } from "../../../src/bridge/puppets/direct-chats.ts";

const chat = fc.record({
  directWith: fc.constantFrom("@a:x", "@b:x", "@c:x"),
  roomId: fc.constantFrom("!1", "!2", "!3", "!4"),
});
const hers = fc.dictionary(
  fc.constantFrom("@a:x", "@friend:x", "toString"),
  fc.array(fc.constantFrom("!1", "!8", "!9")),
);

describe("bridge/puppets/direct-chats", () => {
  it("are put in and taken out once, beside what is there", () => {
    const chats = { "@friend:x": ["!9"], "@a:x": ["!1", "!8"], "@b:x": ["!2"] };
    const add = [
      { directWith: "@a:x", roomId: "!3" },
      { directWith: "@c:x", roomId: "!4" },
    ];
    const remove = [
      { directWith: "@a:x", roomId: "!1" },
      { directWith: "@b:x", roomId: "!2" },
    ];
    expect(mergeDirectChats(chats, add, remove)).to.deep.equal({
      "@friend:x": ["!9"],
      "@a:x": ["!8", "!3"],
      "@c:x": ["!4"],
    });
    expect(chats["@a:x"]).to.deep.equal(["!1", "!8"]);
  });

  it("do not change when there is nothing to change, and survive what others have written", () => {
    const one = [{ directWith: "@a:x", roomId: "!1" }];
    expect(mergeDirectChats({ "@a:x": ["!1"] }, one, [])).to.equal(undefined);
    expect(mergeDirectChats({ "@b:x": ["!1"] }, [], one)).to.equal(undefined);
    expect(mergeDirectChats({}, [], [])).to.equal(undefined);
    expect(mergeDirectChats({ "@a:x": "nonsense", "@b:x": 7 }, one, [])).to.deep.equal({ "@a:x": ["!1"], "@b:x": 7 });
  });

  it("never touch an entry that is not among those put in or taken out", () => {
    fc.assert(
      fc.property(hers, fc.array(chat), fc.array(chat), (chats, add, remove) => {
        const after = mergeDirectChats(chats, add, remove) ?? chats;
        const ours = (who: string, room: unknown): boolean =>
          [...add, ...remove].some(({ directWith, roomId }) => directWith === who && roomId === room);
        for (const [who, rooms] of Object.entries(chats)) {
          for (const room of rooms) if (!ours(who, room)) expect(after[who]).to.include(room);
        }
        for (const { directWith, roomId } of add) expect(after[directWith]).to.include(roomId);
        expect(mergeDirectChats(after, add, [])).to.equal(undefined);
      }),
    );
  });
});
