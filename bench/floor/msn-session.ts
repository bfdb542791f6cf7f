import { connect, type Socket } from "node:net";
import { readLines } from "./msn-lines.ts";

export interface MsnServer {
  readonly host: string;
  readonly port: number;
  readonly nexusUrl: string;
}

/** A conversation of two, on its switchboard. */
export interface FloorBoard {
  readonly contact: string;
  send(text: string): Promise<void>;
}

interface Hears {
  joined(board: FloorBoard): void;
  said(contact: string, text: string): void;
}

const HEADER =
  "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\nX-MMS-IM-Format: FN=; EF=; CO=0; CS=0; PF=0\r\n\r\n";

/** Signs in and answers every call; the least that an MSN client can be. Resolves once contacts can call. */
export async function signIn(server: MsnServer, passport: string, password: string, hears: Hears): Promise<void> {
  const ready = Promise.withResolvers<void>();
  const socket = connect(server.port, server.host);
  socket.setNoDelay(true);
  const say = (line: string): void => void socket.write(`${line}\r\n`);
  readLines(socket, ([name = "", ...words]) => {
    if (name === "VER") say("CVR 2 0x0409 winnt 5.1 i386 MSNMSGR 6.0.0602 MSMSGS x");
    else if (name === "CVR") say(`USR 3 TWN I ${passport}`);
    else if (name === "USR" && words[2] === "S")
      void ticketFor(server, passport, password).then((ticket) => say(`USR 4 TWN S ${ticket}`), ready.reject);
    else if (name === "USR") say("CHG 5 NLN 0");
    else if (name === "CHG") ready.resolve();
    else if (name === "RNG") answer(words, passport, hears);
  });
  socket.once("error", ready.reject);
  say("VER 1 MSNP8 CVR0");
  await ready.promise;
}

async function ticketFor({ nexusUrl }: MsnServer, passport: string, password: string): Promise<string> {
  const nexus = await fetch(nexusUrl);
  const login = /DALogin=([^,]+)/u.exec(nexus.headers.get("PassportURLs") ?? "")?.[1] ?? "";
  const authorization = `Passport1.4 OrgVerb=GET,OrgURL=x,sign-in=${encodeURIComponent(passport)},pwd=${password}`;
  const answered = await fetch(login, { headers: { authorization } });
  return /from-PP='([^']+)'/u.exec(answered.headers.get("Authentication-Info") ?? "")?.[1] ?? "";
}

// RNG session host:port CKI key caller name
function answer(words: readonly string[], passport: string, hears: Hears): void {
  const [id = "", address = "", , key = "", caller = ""] = words;
  const [host = "", port = ""] = address.split(":");
  const socket = connect(Number(port), host);
  socket.setNoDelay(true);
  const board = new Board(socket, caller);
  readLines(socket, ([name = "", ...rest], payload) => {
    if (name === "ANS") hears.joined(board);
    else if (name === "ACK") board.acknowledged();
    else if (name === "MSG" && payload !== undefined) {
      const text = payload.toString("utf8");
      hears.said(rest[0] ?? "", text.slice(text.indexOf("\r\n\r\n") + 4));
    }
  });
  socket.write(`ANS 1 ${passport} ${key} ${id}\r\n`);
}

class Board implements FloorBoard {
  readonly contact: string;
  readonly #socket: Socket;
  readonly #waiting: PromiseWithResolvers<void>[] = [];
  #transaction = 1;

  constructor(socket: Socket, contact: string) {
    this.#socket = socket;
    this.contact = contact;
  }

  acknowledged(): void {
    this.#waiting.shift()?.resolve();
  }

  async send(text: string): Promise<void> {
    const payload = Buffer.from(HEADER + text);
    this.#transaction += 1;
    const acknowledged = Promise.withResolvers<void>();
    this.#waiting.push(acknowledged);
    this.#socket.write(Buffer.concat([Buffer.from(`MSG ${this.#transaction} A ${payload.length}\r\n`), payload]));
    return acknowledged.promise;
  }
}
