import { openSync, writeSync } from "node:fs";
import { HeardMessages } from "../../src/bridge/room/heard-messages.ts";
import { moment } from "./moment.ts";

// Loaded into the bridge before its own code, by --import. It notes what happens in it, in order: a turn of the loop, or
// that a message of a contact is on disk. What was written to a file outlives the process that is killed.

const file = openSync(process.env["MSN_KILL_NOTES"] ?? "/dev/null", "a");
// The loop of a bridge that has nothing to do goes round too.
const BEAT_MS = 50;

function note(what: string): void {
  writeSync(file, `${moment()} ${what}\n`);
}

function noteTurns(): void {
  note("turn");
  // It neither wakes the loop nor keeps it going.
  setImmediate(noteTurns).unref();
}

const add: unknown = Reflect.get(HeardMessages.prototype, "add");
if (typeof add !== "function") throw new Error("messages are not heard there any more");
Reflect.set(HeardMessages.prototype, "add", function noted(this: unknown, ...args: unknown[]): unknown {
  const [message] = args;
  const text = typeof message === "object" && message !== null && "text" in message ? String(message.text) : "";
  const kept: unknown = Reflect.apply(add, this, args);
  if (kept instanceof Promise)
    kept.then(
      () => note(`kept ${text}`),
      () => undefined,
    );
  return kept;
});

noteTurns();
setInterval(() => undefined, BEAT_MS).unref();
