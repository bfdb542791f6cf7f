import type { CommandRoom } from "../../src/bridge/from-matrix/command-room.ts";
import type { CommandRequest } from "../../src/bridge/from-matrix/command-request.ts";
import type { SecretMark } from "../../src/bridge/bot/secret-mark.ts";
import type { MatrixEvent } from "../../src/convert/matrix-event.ts";
import type { Removal } from "../../src/bridge/room/removal.ts";
import { ALICE } from "./action-bench.ts";

/** A room in which commands are said, and what was answered and removed there. */
export class MemoryRoom implements CommandRoom {
  readonly roomId: string;
  readonly portal = undefined;
  readonly said: string[] = [];
  removed = 0;
  others = false;
  readonly secretMark: SecretMark = {
    isSet: false,
    isCalledOff: false,
    set: (isAsked) => Object.assign(this.secretMark, { isSet: isAsked }),
    clear: () => Object.assign(this.secretMark, { isSet: false }),
    callOff: () => false,
  };

  constructor(roomId = "!bot:localhost") {
    this.roomId = roomId;
  }

  say(text: string): void {
    this.said.push(text);
  }

  redact(): Promise<Removal> {
    this.removed += 1;
    return Promise.resolve({ removed: 1, kept: 0 });
  }

  isPrivate(): Promise<boolean> {
    return Promise.resolve(!this.others);
  }

  event(_eventId: string): Promise<MatrixEvent | undefined> {
    return Promise.resolve(undefined);
  }

  /** What somebody says here. */
  request(text: string, more: Partial<CommandRequest> = {}): CommandRequest {
    return { sender: ALICE, now: 0, text, isChosen: false, isInterrupted: false, room: this, ...more };
  }
}
