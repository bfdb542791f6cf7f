import { connect, type Socket } from "node:net";

import { expect } from "chai";

import type { TestSandbox } from "../support/sandbox/test-sandbox.ts";
import { systemClock, withTimeout } from "../../src/util/clock.ts";

/** One command as it came in: the line without its end and, for MSG and NOT, the payload. */
export interface Received {
  line: string;
  payload?: string;
}

/** A client that knows nothing but lines and payloads. */
export class RawClient {
  readonly #socket: Socket;
  #buffer = Buffer.alloc(0);
  #closed = false;
  #changed = Promise.withResolvers<void>();

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (chunk) => this.#change(() => (this.#buffer = Buffer.concat([this.#buffer, chunk]))));
    socket.on("error", () => this.#change(() => (this.#closed = true)));
    socket.on("close", () => this.#change(() => (this.#closed = true)));
  }

  static async connect(port: number): Promise<RawClient> {
    const socket = connect(port, "127.0.0.1");
    const client = new RawClient(socket);
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("error", reject);
    });
    return client;
  }

  sendBytes(bytes: Buffer | string): void {
    this.#socket.write(bytes);
  }

  send(line: string): void {
    this.sendBytes(`${line}\r\n`);
  }

  async read(): Promise<Received> {
    return this.#until("a command", () => this.#take());
  }

  /** Waits until the server has closed, having sent nothing more. */
  async readEnd(): Promise<void> {
    await this.#until("the end of the connection", () => this.#closed || this.#buffer.length > 0 || undefined);
    expect(this.#buffer.toString(), "bytes before the end").to.equal("");
  }

  close(): void {
    this.#socket.destroy();
  }

  #change(change: () => void): void {
    change();
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  async #until<T>(what: string, check: () => T | undefined): Promise<T> {
    for (;;) {
      const found = check();
      if (found !== undefined) return found;
      const late = (): Error => new Error(`waited in vain for ${what}; there is: ${this.#buffer.toString()}`);
      await withTimeout(systemClock, 60_000, this.#changed.promise, late);
    }
  }

  #take(): Received | undefined {
    const end = this.#buffer.indexOf("\r\n");
    if (end < 0) return undefined;
    const line = this.#buffer.subarray(0, end).toString();
    const length = /^(?:MSG|NOT) .*?(?<length>\d+)$/u.exec(line)?.groups?.["length"];
    const total = end + 2 + Number(length ?? 0);
    if (this.#buffer.length < total) return undefined;
    const payload = this.#buffer.subarray(end + 2, total).toString();
    this.#buffer = this.#buffer.subarray(total);
    return length === undefined ? { line } : { line, payload };
  }
}

export type Facts = Record<string, string>;

/**
 * Plays a dialogue: `C:` is sent, `S:` has to come next; `C|` and `S|` are the payloads of the line before. `⏎` is CR LF,
 * `⇥` a tab. `<name>` stands for a word: the first time in an `S` line it is learnt, later it has to be the same.
 * In a `C` line `<bytes>` is the length of the payload that follows. `S: END` means that the server closes. Returns all that was learnt.
 */
export async function play(client: RawClient, dialogue: string, facts: Facts = {}): Promise<Facts> {
  const lines = dialogue.split("\n").map((line) => line.trimStart());
  for (const [at, line] of lines.entries()) {
    const [kind, text] = [line.slice(0, 2), line.slice(3)];
    const next = lines[at + 1] ?? "";
    if (next.startsWith("C| ")) facts["bytes"] = String(Buffer.byteLength(unfold(fill(next.slice(3), facts))));
    if (kind === "C:") client.send(fill(text, facts));
    else if (kind === "C|") client.sendBytes(unfold(fill(text, facts)));
    else if (line === "S: END") await client.readEnd();
    else if (kind === "S:") {
      const received = await client.read();
      learn(text, received.line, facts);
      if (next.startsWith("S| ")) learn(unfold(next.slice(3)), received.payload ?? "", facts);
    }
  }
  return facts;
}

function fill(text: string, facts: Facts): string {
  return text.replaceAll(/<(?<name>[a-z]\w*)>/gu, (_, name: string) => {
    const value = facts[name];
    if (value === undefined) throw new Error(`nothing is known as <${name}>`);
    return value;
  });
}

function unfold(text: string): string {
  return text.replaceAll("⏎", "\r\n").replaceAll("⇥", "\t").replaceAll("␠", " ");
}

function learn(pattern: string, actual: string, facts: Facts): void {
  const parts = pattern.split(/<(?<name>[a-z]\w*)>/u);
  const source = parts.map((part, at) => (at % 2 === 0 ? escape(part) : sourceOf(part, facts))).join("");
  const groups = new RegExp(`^${source}$`, "su").exec(actual)?.groups;
  if (groups === undefined && actual !== pattern) expect(actual).to.equal(fillKnown(pattern, facts));
  Object.assign(facts, groups);
}

function sourceOf(name: string, facts: Facts): string {
  const known = facts[name];
  return known === undefined ? `(?<${name}>[^ ]+?)` : escape(known);
}

function fillKnown(text: string, facts: Facts): string {
  return text.replaceAll(/<(?<name>[a-z]\w*)>/gu, (whole, name: string) => facts[name] ?? whole);
}

function escape(text: string): string {
  return text.replaceAll(/[$()*+.?[\\\]^{|}]/gu, String.raw`\$&`);
}

/** The Authorization header of a login. */
export function authorization(passport: string, password: string): string {
  const fields = [
    "OrgVerb=GET",
    "OrgURL=http%3A%2F%2Fmessenger%2Emsn%2Ecom",
    `sign-in=${encodeURIComponent(passport)}`,
    `pwd=${encodeURIComponent(password)}`,
  ];
  return `Passport1.4 ${fields.join(",")},ct=1,rver=1,wp=FS_40SEC_0_COMPACT,lc=1,id=1`;
}

export async function getTicket(sandbox: TestSandbox, passport: string, password = "secret"): Promise<string> {
  const headers = { authorization: authorization(passport, password) };
  const response = await fetch(sandbox.loginUrl, { headers });
  await response.arrayBuffer();
  const ticket = /from-PP='(?<ticket>[^']*)'/u.exec(response.headers.get("authentication-info") ?? "")?.groups?.[
    "ticket"
  ];
  if (ticket === undefined) throw new Error(`no ticket for ${passport}: ${response.status}`);
  return ticket;
}

/** Signs in; the next command is numbered 5. */
export async function signIn(sandbox: TestSandbox, passport: string, port = sandbox.port): Promise<RawClient> {
  const client = await RawClient.connect(port);
  const ticket = await getTicket(sandbox, passport);
  const login = `
    C: VER 1 MSNP8 CVR0
    S: VER 1 MSNP8
    C: CVR 2 0x0409 win 4.10 i386 MSNMSGR 5.0.0544 MSMSGS <me>
    S: CVR 2 5.0.0544 5.0.0544 5.0.0544 https://msn.example.net https://msn.example.net
    C: USR 3 TWN I <me>
    S: USR 3 TWN S ct=1,rver=1,wp=FS_40SEC_0_COMPACT,lc=1,id=1
    C: USR 4 TWN S <ticket>
    S: USR 4 OK <me> <name> 1 0
    S: MSG Hotmail Hotmail <length>`;
  await play(client, login, { me: passport, ticket });
  return client;
}

/** Signs in, synchronises with an unread list, and goes online; the next command is numbered 7. */
export async function goOnline(sandbox: TestSandbox, passport: string): Promise<RawClient> {
  const client = await signIn(sandbox, passport);
  client.send("SYN 5 0");
  client.send("CHG 6 NLN 0");
  for (;;) {
    const { line } = await client.read();
    if (line === "CHG 6 NLN 0") return client;
  }
}

/** Sends PNG and reads up to the QNG: the lines before it, which is all the server had to say. */
export async function linesUntilPong(client: RawClient): Promise<string[]> {
  client.send("PNG");
  const lines: string[] = [];
  for (;;) {
    const { line } = await client.read();
    if (line === "QNG") return lines;
    lines.push(line);
  }
}

/** Opens a switchboard over the notification connection; `port` is checked to be a switchboard's by its own login. */
export async function openBoard(notification: RawClient, passport: string): Promise<RawClient> {
  const facts = await play(notification, "C: XFR 70 SB\nS: XFR 70 SB 127.0.0.1:<port> CKI <key>");
  const board = await RawClient.connect(Number(facts["port"]));
  await play(board, "C: USR 1 <me> <key>\nS: USR 1 OK <me> <name>", { ...facts, me: passport });
  return board;
}

/** What the RNG that has to come next says. */
export async function readRing(notification: RawClient): Promise<Facts> {
  return play(notification, "S: RNG <session> 127.0.0.1:<port> CKI <key> <caller> <callername>");
}

/** Takes the seat that a RNG offered; `members` are the IRO lines to come. */
export async function answer(ring: Facts, passport: string, members: string): Promise<RawClient> {
  const board = await RawClient.connect(Number(ring["port"]));
  await play(board, `C: ANS 1 <me> <key> <session>\n${members}S: ANS 1 OK`, { ...ring, me: passport });
  return board;
}

export async function answerRing(notification: RawClient, passport: string, members: string): Promise<RawClient> {
  return answer(await readRing(notification), passport, members);
}
