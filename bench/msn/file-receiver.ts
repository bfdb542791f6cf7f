import { createServer, type Socket } from "node:net";
import { once } from "node:events";
import { parseMessage } from "../../src/sandbox/wire/message.ts";
import { acceptFields, encodeInvitation, parseInvitation } from "../../test/support/sandbox/files/invitation.ts";
import type { ScriptedContact } from "../../test/support/sandbox/scripted-contact.ts";
import { PatternCheck } from "../stage/pattern.ts";

const HOST = "127.0.0.1";
const AUTH_COOKIE = 4711;
const HEADER = 3;
const DONE = "BYE 16777989\r\n";

/**
 * Has a contact take the next file that it is offered. The scripted contact's own way of doing it looks at every block for
 * misbehaviour, and takes longer than what is measured.
 * @returns how many bytes came; -1 when they were not the pattern
 */
export async function receiveFile(contact: ScriptedContact, from: string): Promise<number> {
  const received = Promise.withResolvers<number>();
  const server = createServer((socket) => new Receiver(socket, contact.passport, received.resolve));
  server.listen(0, HOST);
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  contact.onPayload = (payload) => {
    const message = parseMessage(payload);
    const invitation = message && parseInvitation(message);
    if (invitation?.command !== "INVITE") return;
    const listens = { address: HOST, port, authCookie: AUTH_COOKIE, senderConnects: true };
    const yes = encodeInvitation(acceptFields(invitation.cookie, listens));
    // Not at once: the sender has to see that its offer has gone out.
    setImmediate(() => void contact.sendRaw(from, yes).catch(received.reject));
  };
  try {
    return await received.promise;
  } finally {
    delete contact.onPayload;
    server.close();
  }
}

/** Reads lines up to the one with the size, then blocks (docs/msnp.md 5). */
class Receiver {
  readonly #socket: Socket;
  readonly #passport: string;
  readonly #done: (bytes: number) => void;
  readonly #check = new PatternCheck();
  #rest: Buffer = Buffer.alloc(0);
  #size: number | undefined;
  /** Of the block that is being read. */
  #left = 0;

  constructor(socket: Socket, passport: string, done: (bytes: number) => void) {
    this.#socket = socket;
    this.#passport = passport;
    this.#done = done;
    socket.on("data", (chunk: Buffer) => this.#take(chunk));
    socket.write("VER MSNFTP\r\n");
  }

  #take(chunk: Buffer): void {
    let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    while (this.#size === undefined) {
      const end = bytes.indexOf("\r\n");
      if (end < 0) break;
      this.#hear(bytes.toString("latin1", 0, end));
      bytes = bytes.subarray(end + 2);
    }
    this.#rest = this.#size === undefined ? bytes : this.#takeBlocks(bytes);
    if (this.#check.bytes !== this.#size) return;
    this.#socket.end(DONE);
    this.#done(this.#check.isRight ? this.#check.bytes : -1);
  }

  #hear(line: string): void {
    const [word = "", value = ""] = line.split(" ");
    if (word === "VER") this.#socket.write(`USR ${this.#passport} ${AUTH_COOKIE}\r\n`);
    else if (word === "FIL") {
      this.#size = Number(value);
      this.#socket.write("TFR\r\n");
    }
  }

  /** @returns what is left of a header */
  #takeBlocks(bytes: Buffer): Buffer {
    let at = 0;
    for (;;) {
      const piece = bytes.subarray(at, at + this.#left);
      this.#check.take(piece);
      this.#left -= piece.length;
      at += piece.length;
      if (this.#left > 0 || bytes.length - at < HEADER) return bytes.subarray(at);
      this.#left = bytes.readUInt16LE(at + 1);
      at += HEADER;
    }
  }
}
