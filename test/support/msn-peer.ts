import { duplexPair, type Duplex } from "node:stream";
import type { Dial } from "../../src/msn/index.ts";

/** What becomes of a peer that has been honest for long enough. */
export type Mood = "falls silent" | "closes" | "resets" | "answers out of turn";

export const MOODS: readonly Mood[] = ["falls silent", "closes", "resets", "answers out of turn"];

type Answer = (id: string, args: readonly string[]) => string;

const ANSWERS: Readonly<Record<string, Answer>> = {
  VER: (id) => `VER ${id} MSNP8\r\n`,
  CVR: (id) => `CVR ${id} 5.0 5.0 5.0 https://a https://b\r\n`,
  USR: (id, [kind = "", step]) => {
    if (kind !== "TWN") return `USR ${id} OK ${kind} Mia\r\n`;
    return step === "I" ? `USR ${id} TWN S ct=1\r\n` : `USR ${id} OK mia@example.com Mia 1 0\r\n`;
  },
  // Nils is on every list, so that every change has something to do.
  SYN: (id) => `SYN ${id} 1 1 1\r\nLSG 1 Friends 0\r\nLST nils@example.com Nils 15 1\r\n`,
  PNG: () => "QNG\r\n",
  CHG: (id, [status = ""]) => `CHG ${id} ${status} 0\r\n`,
  XFR: (id) => `XFR ${id} SB sb:1864 CKI 1.2\r\n`,
  ANS: (id) => `IRO ${id} 1 1 nils@example.com Nils\r\nANS ${id} OK\r\n`,
  CAL: (id) => `CAL ${id} RINGING 1\r\n`,
  MSG: (id) => `ACK ${id}\r\n`,
  ADG: (id, [name = ""]) => `ADG ${id} 2 ${name} 3 0\r\n`,
  REG: (id, [group = "", name = ""]) => `REG ${id} 2 ${group} ${name} 0\r\n`,
  ADD: (id, [list = "", account = ""]) => `ADD ${id} ${list} 2 ${account} ${account}\r\n`,
  REM: (id, [list = "", account = ""]) => `REM ${id} ${list} 2 ${account}\r\n`,
};

/** Notification server and switchboards in one, in memory, that answer everything until told to do otherwise. */
export class MsnPeer {
  #honest = Number.POSITIVE_INFINITY;
  #mood: Mood = "falls silent";
  readonly #connections = new Set<Duplex>();

  readonly dial: Dial = () => {
    const [near, far] = duplexPair();
    this.#connections.add(far);
    far.on("data", (bytes: Buffer) => this.#read(bytes, near, far));
    far.on("end", () => far.end());
    far.on("error", () => undefined);
    far.on("close", () => this.#connections.delete(far));
    return Promise.resolve(near);
  };

  /** How many requests it would still have answered before its mood. */
  get honest(): number {
    return this.#honest;
  }

  /** How many connections are open. */
  get connections(): number {
    return this.#connections.size;
  }

  /** From now on it answers so many requests, and then does what its mood says. */
  turn(mood: Mood, honest: number): void {
    this.#mood = mood;
    this.#honest = honest;
  }

  // Clients write a command at a time, and no payload of theirs here begins a line that looks like a command.
  #read(bytes: Buffer, near: Duplex, far: Duplex): void {
    const lines = bytes.toString().split("\r\n");
    for (const line of lines) {
      if (/^(?:[A-Z]{3} \d+|PNG|OUT)(?: |$)/u.test(line)) this.#answer(line.split(" "), near, far);
    }
  }

  #answer([name = "", id = "", ...args]: readonly string[], near: Duplex, far: Duplex): void {
    if (this.#honest <= 0) return this.#misbehave(name, id, near, far);
    if (name === "OUT") {
      far.end();
      return;
    }
    this.#honest -= 1;
    far.write((ANSWERS[name] ?? ((own) => `${[name, own, ...args].join(" ")}\r\n`))(id, args));
    if (name === "CAL") this.#join(id, args[0] ?? "", near, far);
  }

  // Whoever is called comes by herself, so that this is an answer of its own.
  #join(id: string, account: string, near: Duplex, far: Duplex): void {
    if (this.#honest <= 0) return this.#misbehave("JOI", id, near, far);
    this.#honest -= 1;
    far.write(`JOI ${account} Nils\r\n`);
  }

  #misbehave(name: string, id: string, near: Duplex, far: Duplex): void {
    switch (this.#mood) {
      case "falls silent":
        return;
      case "closes":
        far.end();
        return;
      case "resets":
        near.destroy(Object.assign(new Error("reset"), { code: "ECONNRESET" }));
        return;
      case "answers out of turn":
        // The right name with a wrong number, the wrong name with the right one, errors of nobody's request.
        far.write(`${name} 999 OK\r\nXYZ ${id} OK\r\n500 998\r\n`);
    }
  }
}
