// Run as a process of its own: accepts events without end, and prints the id of each row once it is committed.
import { writeSync } from "node:fs";
import { argv } from "node:process";
import { openStore } from "../../../src/store/store.ts";
import { systemClock } from "../../../src/util/clock.ts";
import { timesOf } from "../../support/calendars.ts";

const path = argv[2] ?? "";
const { journal } = openStore({ path, keyFile: `${path}.key`, ...timesOf(systemClock) });
for (let count = 1; ; count += 1) {
  const event = { event_id: `$event-${count}`, room_id: "!room:example.org", type: "m.room.message", count };
  const id = journal.accept([event])[0]?.id;
  writeSync(1, `${id} ${event.event_id}\n`);
}
