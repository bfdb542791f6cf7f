import { expect } from "chai";
import * as fc from "fast-check";
import type { Facts, PortalRoom, Written } from "./facts.ts";
import { isGood, judge, type Verdict } from "./ledger.ts";

const room = (parts: Partial<PortalRoom> = {}): PortalRoom => ({
  id: "!one",
  owner: "ann",
  membership: "join",
  contact: "nils",
  shown: [],
  notices: [],
  ...parts,
});
const fromNils = (number: number): string => `m nils ann ${number}`;
const fromAnn = (number: number): string => `m ann nils ${number}`;
const written = (number: number, parts: Partial<Written> = {}): Written => ({
  text: fromNils(number),
  socket: 1,
  kill: null,
  unread: false,
  ...parts,
});
const facts = (parts: Partial<Facts> = {}): Facts => ({
  written: [],
  sent: [],
  received: [],
  rooms: [room()],
  journal: new Map(),
  ...parts,
});
const sent = (number: number): Facts["sent"][number] => ({ text: fromAnn(number), eventId: `$${number}` });
const received = (...numbers: number[]): Facts["received"] =>
  numbers.map((number) => ({ by: "nils", text: fromAnn(number) }));
const told = (...words: string[]): Partial<Facts> => ({
  rooms: [room({ notices: words.map((text) => ({ replyTo: "$1", text })) })],
});
const journal = (state: string): Partial<Facts> => ({ journal: new Map([["$1", state]]) });

const MAYBE = "Your message may not have been delivered: the connection was lost.";
const NOT = "Your message was not delivered: Nils is offline.";
const KILLED = { kill: 1, unread: true };

function expectFaults(verdict: Verdict, faults: Partial<Verdict>): void {
  expect(verdict).to.include(faults);
  expect(isGood(verdict)).to.equal(Object.keys(faults).length === 0);
  const count = Object.values(faults).reduce<number>((sum, one) => sum + (typeof one === "number" ? one : 0), 0);
  expect(verdict.problems).to.have.length(count);
}

describe("kill/ledger", () => {
  describe("from MSN to Matrix", () => {
    const cases: [what: string, numbers: Written[], shown: number[], faults: Partial<Verdict>][] = [
      ["all is well", [written(1), written(2)], [1, 2], {}],
      ["a lost message", [written(1), written(2)], [1], { lost: 1 }],
      ["a doubled message", [written(1), written(2)], [1, 2, 1], { doubled: 1 }],
      ["a message out of order", [written(1), written(2), written(3)], [1, 3, 2], { outOfOrder: 1 }],
      ["a message that was unread at a kill", [written(1), written(2, KILLED)], [1], {}],
      ["one that was unread and came all the same", [written(1, KILLED)], [1], {}],
      ["one unread on a connection that no kill ended", [written(1, { unread: true })], [], { lost: 1 }],
      ["one that had been read and was in hand", [written(1, { kill: 1 })], [], {}],
      [
        "two read on two connections: only one can have been in hand",
        [written(1, { kill: 1 }), written(2, { kill: 1, socket: 2 })],
        [],
        { lost: 1 },
      ],
      ["the same at two kills", [written(1, { kill: 1 }), written(2, { kill: 2, socket: 2 })], [], {}],
      [
        "more unread than anybody says in a moment",
        Array.from({ length: 9 }, (_, index) => written(index, KILLED)),
        [],
        { tooManyUnknowable: 1 },
      ],
    ];
    for (const [what, numbers, shown, faults] of cases) {
      it(`judges ${what}`, () => {
        expectFaults(judge(facts({ written: numbers, rooms: [room({ shown: shown.map(fromNils) })] })), faults);
      });
    }

    it("counts what is unknowable apart", () => {
      const verdict = judge(facts({ written: [written(1, KILLED), written(2, { kill: 2 }), written(3, KILLED)] }));
      expect(verdict).to.include({ unknowable: 3, inHand: 1, delivered: 0, lost: 0 });
    });

    it("takes a message that is shown in somebody else's room for lost", () => {
      const rooms = [room({ shown: [fromNils(1)], contact: "mia" })];
      expectFaults(judge(facts({ written: [written(1)], rooms })), { lost: 1 });
    });
  });

  describe("from Matrix to MSN", () => {
    const cases: [what: string, parts: Partial<Facts>, faults: Partial<Verdict>][] = [
      ["all is well", { sent: [sent(1), sent(2)], received: received(1, 2) }, {}],
      ["a lost message", { sent: [sent(1), sent(2)], received: received(2) }, { lost: 1 }],
      ["a doubled message", { sent: [sent(1)], received: received(1, 1) }, { doubled: 1 }],
      ["messages out of order", { sent: [sent(1), sent(2)], received: received(2, 1) }, { outOfOrder: 1 }],
      ["one that the bridge wrongly takes for delivered", { sent: [sent(1)], ...journal("delivered") }, { lost: 1 }],
      ["a silent failure", { sent: [sent(1)], ...journal("failed") }, { silent: 1 }],
      ["a silent doubt", { sent: [sent(1)], received: received(1), ...journal("uncertain") }, { silent: 1 }],
      ["one that was told not to be delivered", { sent: [sent(1)], ...told(NOT), ...journal("failed") }, {}],
      ["one that may not have been", { sent: [sent(1)], ...told(MAYBE) }, {}],
      ["one that may not have been and was", { sent: [sent(1)], received: received(1), ...told(MAYBE) }, {}],
      ["the same, twice", { sent: [sent(1)], received: received(1, 1), ...told(MAYBE) }, { doubled: 1 }],
      [
        "one that was told not to be delivered and was",
        { sent: [sent(1)], received: received(1), ...told(NOT) },
        { toldWrongly: 1 },
      ],
      ["one that was told twice", { sent: [sent(1)], ...told(NOT, MAYBE) }, { toldWrongly: 1 }],
      ["one that another got", { sent: [sent(1)], received: [{ by: "mia", text: fromAnn(1) }] }, { lost: 1 }],
    ];
    for (const [what, parts, faults] of cases) {
      it(`judges ${what}`, () => expectFaults(judge(facts(parts)), faults));
    }
  });

  it("finds a second room of the same two, and a room without its owner", () => {
    const rooms = [
      room(),
      room({ id: "!two" }),
      room({ id: "!three", contact: "mia", membership: "leave" }),
      room({ id: "!four", owner: "ben", membership: "invite" }),
      room({ id: "!five", owner: "cleo", membership: null }),
    ];
    expectFaults(judge(facts({ rooms })), { roomsTwice: 1, roomsWithoutInvite: 2 });
  });

  it("finds whatever is taken from, put into or moved in a good run", () => {
    const run = fc.uniqueArray(fc.nat(1000), { minLength: 2, maxLength: 30 });
    fc.assert(
      fc.property(run, fc.nat(), (unsorted, seed) => {
        const numbers = unsorted.toSorted((a, b) => a - b);
        const at = seed % (numbers.length - 1);
        const moved = numbers.toSpliced(at, 2, ...numbers.slice(at, at + 2).toReversed());
        const verdictOf = (arrived: number[]): Verdict =>
          judge(facts({ sent: numbers.map(sent), received: received(...arrived) }));
        expectFaults(verdictOf(numbers), {});
        expectFaults(verdictOf(numbers.toSpliced(at, 1)), { lost: 1 });
        expectFaults(verdictOf([...numbers, numbers[at] ?? 0]), { doubled: 1 });
        expectFaults(verdictOf(moved), { outOfOrder: 1 });
      }),
    );
  });
});
