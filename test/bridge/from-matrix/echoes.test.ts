import { expect } from "chai";
import { Echoes } from "../../../src/bridge/from-matrix/echoes.ts";
import { inboundScope } from "../../support/scopes.ts";
import { readMatrixEvent, type MatrixEvent } from "../../../src/convert/matrix-event.ts";

const GHOST = "@msn_one_nils=40example.com:localhost";
const ALICE = "@alice:localhost";

function event(roomId: string, sender: string, key?: string): MatrixEvent {
  const content = { msgtype: "m.text", body: "x", ...(key !== undefined && { "matrix-appservice-msn.row": key }) };
  const read = readMatrixEvent({
    event_id: `$${roomId}${key}`,
    room_id: roomId,
    sender,
    type: "m.room.message",
    content,
  });
  if (read === undefined) throw new Error("that is no event");
  return read;
}

describe("bridge/from-matrix/echoes", () => {
  const echoes = new Echoes(inboundScope());

  it("are heard before the events of others in their room, or after them, as they came", () => {
    const events = [
      event("!a", GHOST, "msn-1"),
      event("!a", ALICE),
      event("!b", GHOST, "msn-2"),
      event("!a", GHOST, "msn-3"),
    ];
    const [first, second, third] = [1, 2, 3].map((id) => ({ roomId: id === 2 ? "!b" : "!a", key: `msn-${id}` }));
    expect(echoes.among(events)).to.deep.equal({ early: [first, second], late: [third] });
  });

  it("are only what bears a key of ours and comes from one of our users", () => {
    expect(echoes.among([event("!a", GHOST), event("!b", ALICE, "msn-1")])).to.deep.equal({ early: [], late: [] });
  });
});
