import type { Socket } from "node:net";

import type { Clock, Timer } from "../../util/clock.ts";
import { WireReader, encodeLine, encodePayload, type ClientCommand, type TextForm } from "./wire.ts";

const MOST_UNSENT = 8 << 20;
const LINGER = 5000;

interface ConnectionOptions {
  readonly clock: Clock;
  readonly text: TextForm;
}

interface ConnectionEvents {
  command(command: ClientCommand): void;
  /** Called once; after it nothing more is read or written. */
  closed(): void;
}

/** A client's socket, seen as commands. */
export class ClientConnection {
  readonly #socket: Socket;
  readonly #options: ConnectionOptions;
  readonly #reader: WireReader;
  readonly #events: ConnectionEvents;
  #open = true;
  #linger: Timer | undefined;

  constructor(socket: Socket, options: ConnectionOptions, events: ConnectionEvents) {
    this.#socket = socket;
    this.#options = options;
    this.#reader = new WireReader(options.text.read);
    this.#events = events;
    socket.setNoDelay(true);
    socket.on("data", (chunk) => this.#read(chunk));
    socket.on("end", () => this.#end());
    socket.on("error", () => this.#end());
    socket.on("close", () => {
      this.#linger?.cancel();
      this.#end();
    });
  }

  get isOpen(): boolean {
    return this.#open;
  }

  get remote(): { address: string; port: number } {
    return { address: this.#socket.remoteAddress ?? "", port: this.#socket.remotePort ?? 0 };
  }

  /** The server's end, as `host:port`. */
  get local(): string {
    return `${this.#socket.localAddress}:${this.#socket.localPort}`;
  }

  send(name: string, ...args: readonly (string | number | undefined)[]): void {
    this.#write(encodeLine(name, args, this.#options.text.write));
  }

  sendPayload(name: string, args: readonly (string | number)[], payload: Buffer): void {
    this.#write(encodePayload(name, args, payload, this.#options.text.write));
  }

  /** Sends what was written, then closes. What still comes in is thrown away, so that no reset eats the last reply. */
  close(): void {
    if (!this.#open) return;
    this.#socket.end();
    this.#linger = this.#options.clock.after(LINGER, () => this.#socket.destroy());
    this.#end();
  }

  /** Closes at once, without a word. */
  destroy(): void {
    this.#socket.destroy();
    this.#end();
  }

  #write(bytes: Buffer): void {
    if (!this.#open) return;
    this.#socket.write(bytes);
    if (this.#socket.writableLength > MOST_UNSENT) this.destroy();
  }

  #read(chunk: Buffer): void {
    if (!this.#open) return;
    try {
      this.#reader.push(chunk);
      let command = this.#reader.next();
      while (command !== undefined) {
        this.#events.command(command);
        command = this.isOpen ? this.#reader.next() : undefined;
      }
    } catch {
      // Only the reader throws: what commands throw is caught where they are run.
      this.destroy();
    }
  }

  #end(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#events.closed();
  }
}
