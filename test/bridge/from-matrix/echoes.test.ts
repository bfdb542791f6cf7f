import { expect } from "chai";
import { Echoes, type Echo } from "../../../src/bridge/from-matrix/echoes.ts";
import { inboundScope } from "../../support/scopes.ts";
import { readMatrixEvent, type MatrixEvent } from "../../../src/convert/matrix-event.ts";

const GHOST = "@msn_one_nils=40example.com:localhost";
const ALICE = "@alice:localhost";

function event(roomId: string, sender: string, key?: string): MatrixEvent {
  const content = { msgtype: "m.text", body: "x", ...(key !== undefined && { "matrix-appservice-msn.row": key }) };
  return read({ event_id: `$${roomId}${key}`, room_id: roomId, sender, type: "m.room.message", content });
}

function state(roomId: string, type: string, key: string, content: object): MatrixEvent {
  return read({ event_id: "$state", room_id: roomId, sender: ALICE, type, state_key: key, content });
}

const member = (roomId: string, membership: string): MatrixEvent =>
  state(roomId, "m.room.member", ALICE, { membership });

function read(source: object): MatrixEvent {
  const known = readMatrixEvent(source);
  if (known === undefined) throw new Error("that is no event");
  return known;
}

describe("bridge/from-matrix/echoes", () => {
  const echoes = new Echoes(inboundScope());

  const echo = (roomId: string, key: string): Echo => ({ roomId, key });

  for (const [how, end] of [
    ["leaves", member("!a", "leave")],
    ["is banned", member("!a", "ban")],
    ["closes the room", state("!a", "m.room.tombstone", "", {})],
  ] as const) {
    it(`are heard before a user ${how}, or after, as they came`, () => {
      const events = [event("!a", GHOST, "msn-1"), end, event("!b", GHOST, "msn-2"), event("!a", GHOST, "msn-3")];
      const early = [echo("!a", "msn-1"), echo("!b", "msn-2")];
      expect(echoes.among(events)).to.deep.equal({ early, late: [echo("!a", "msn-3")] });
    });
  }

  it("are heard at once after what does not end the chat", () => {
    const events = [event("!a", ALICE), member("!a", "join"), event("!a", GHOST, "msn-1"), member("!a", "leave")];
    expect(echoes.among(events)).to.deep.equal({ early: [echo("!a", "msn-1")], late: [] });
  });

  it("are only what bears a key of ours and comes from one of our users", () => {
    expect(echoes.among([event("!a", GHOST), event("!b", ALICE, "msn-1")])).to.deep.equal({ early: [], late: [] });
  });
});
