import { expect } from "chai";
import { SentRows } from "../../../src/bridge/portal/sent-rows.ts";
import type { OpenRow } from "../../../src/store/journal-row.ts";

const [ROOM, NEXT] = ["!one:localhost", "!two:localhost"];

function row(id: number): OpenRow {
  const times = { created: new Date(0), updated: new Date(0) };
  const nothing = { eventId: null, roomId: null, reason: null, body: () => undefined };
  return { id, direction: "to-matrix", portalId: 1, txnId: `msn-${id}`, state: "accepted", ...times, ...nothing };
}

describe("bridge/portal/sent-rows", () => {
  let sent: SentRows;
  beforeEach(() => (sent = new SentRows()));

  function send(id: number, roomId = ROOM): boolean {
    sent.begin(row(id), roomId);
    return sent.arrived();
  }

  const read = (): number[] => sent.read.map(({ id }) => id);
  const lost = (roomId = ROOM): number[] => sent.lost(roomId).map(({ id }) => id);

  it("are read up to the one that is given back, since they are sent in order", () => {
    for (const id of [1, 2, 3]) send(id);
    sent.echoed(ROOM, "msn-2");
    expect(read()).to.deep.equal([1, 2]);
    expect(sent.unread?.row.id).to.equal(3);
    sent.remove(sent.read);
    expect([sent.size, sent.newest]).to.deep.equal([1, 3]);
  });

  it("are read when they are given back before the homeserver has answered", () => {
    sent.begin(row(1), ROOM);
    sent.echoed(ROOM, "msn-1");
    expect([read(), sent.size]).to.deep.equal([[], 0]);
    sent.arrived();
    expect(read()).to.deep.equal([1]);
  });

  it("are not read by events of another room, nor by those of others", () => {
    send(1);
    sent.echoed(NEXT, "msn-1");
    sent.echoed(ROOM, "msn-7");
    expect(read()).to.deep.equal([]);
  });

  it("that are not known to be read are lost with their room, also one that is on its way", () => {
    for (const id of [1, 2]) send(id);
    sent.echoed(ROOM, "msn-1");
    sent.begin(row(3), ROOM);
    expect(lost()).to.deep.equal([2, 3]);
    expect(sent.arrived()).to.equal(false);
    expect([read(), sent.unread]).to.deep.equal([[1], undefined]);
    expect(lost()).to.deep.equal([]);
  });

  it("in the next room are not lost with the one before, nor read by what came there", () => {
    send(1);
    send(2, NEXT);
    sent.answered(NEXT);
    expect(read()).to.deep.equal([2]);
    expect(lost()).to.deep.equal([1]);
    expect(sent.newest).to.equal(2);
  });

  it("whose sending failed are nothing that is known", () => {
    sent.begin(row(1), ROOM);
    sent.failed();
    sent.echoed(ROOM, "msn-1");
    expect([sent.arrived(), sent.size, sent.newest]).to.deep.equal([false, 0, 0]);
  });
});
