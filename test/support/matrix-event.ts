import { readMatrixEvent, type MatrixEvent } from "../../src/convert/matrix-event.ts";

/** An event with everything that a test need not say. */
export function matrixEvent(fields: object): MatrixEvent {
  const event = readMatrixEvent({
    event_id: "$event",
    room_id: "!room:localhost",
    sender: "@alice:localhost",
    origin_server_ts: 1,
    type: "m.room.message",
    content: {},
    ...fields,
  });
  if (event === undefined) throw new Error(`no event: ${JSON.stringify(fields)}`);
  return event;
}
