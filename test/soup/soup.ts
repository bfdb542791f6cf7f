import { Duplex } from "node:stream";
import * as fc from "fast-check";
import { msnp8 } from "../../src/msn/dialect/msnp8.ts";
import { MsnError } from "../../src/msn/index.ts";
import { Connection } from "../../src/msn/net/connection.ts";
import { newSession, signIn } from "../support/msn-session.ts";
import { SwitchboardClient } from "../../src/msn/chat/switchboard.ts";
import { NO_LOG } from "../../src/msn/base/log.ts";
import { FakeClock } from "../support/fake-clock.ts";

// Bytes as no honest server sends them, on their whole way: reader, connection, notification server or switchboard.

/** One soup: who is to eat it, how many honest answers come first, and the chunks in which it comes. */
export interface Soup {
  readonly guest: "notification" | "switchboard";
  readonly honest: number;
  readonly chunks: readonly Buffer[];
}

/** The server's end and ours in one: what we write is answered honestly for a while, and soup is pushed in beside. */
export class SoupStream extends Duplex {
  #honest: number;

  constructor(honest: number) {
    super();
    this.#honest = honest;
  }

  override _read(): void {
    // Everything comes by `serve`.
  }

  override _write(bytes: Buffer, _encoding: string, done: () => void): void {
    done();
    const [name = "", id = "", ...args] = (bytes.toString().split("\r\n")[0] ?? "").split(" ");
    const answer = ANSWERS[name]?.(id, args);
    if (answer === undefined || this.#honest <= 0) return;
    this.#honest -= 1;
    this.push(answer);
  }

  /** Waits until it has given its honest answers, or nobody asks any more. */
  async saidAll(): Promise<void> {
    let before = Number.NaN;
    while (this.#honest !== before) {
      before = this.#honest;
      await nextTurn();
    }
  }

  serve(chunk: Buffer): void {
    if (!this.readableEnded && !this.destroyed && !this.writableEnded) this.push(chunk);
  }
}

const ANSWERS: Readonly<Record<string, (id: string, args: readonly string[]) => string>> = {
  VER: (id) => `VER ${id} MSNP8\r\n`,
  CVR: (id) => `CVR ${id} 5.0 5.0 5.0 https://a https://b\r\n`,
  USR: (id, [kind, step]) => (kind === "TWN" && step === "I" ? `USR ${id} TWN S p\r\n` : `USR ${id} OK a@x A 1 0\r\n`),
  SYN: (id) => `SYN ${id} 1 1 1\r\nLST b@x B 15 1\r\n`,
  PNG: () => "QNG\r\n",
  CHG: (id) => `CHG ${id} NLN 0\r\n`,
  XFR: (id) => `XFR ${id} SB sb:1 CKI 1\r\n`,
  CAL: (id) => `CAL ${id} RINGING 1\r\nJOI b@x B\r\n`,
};

const NAMES =
  "VER CVR USR XFR SYN GTC BLP PRP LSG LST BPR CHG ILN NLN FLN CHL QRY ADD REM ADG REG RMG REA RNG URL OUT MSG NOT IPG " +
  "QNG CAL JOI IRO ANS ACK NAK BYE XYZ nln 201 217 601 911 999 000 1 ABCD";
const ARGS =
  "0 1 2 3 4 5 6 7 8 11 15 100 -1 4294967296 99999999999999999 MSNP8 TWN S OK NS SB CKI AL FL RL BL PL NLN HDN FLN XYZ OTH SSD " +
  "RINGING A N PHM MOB b@x B@X c@x a%20b %F0%9F%98%80 100% %00 \uFEFFx \u00A0 host:1863 host:0 :1 1,2 ,, __proto__ constructor";
const CONTENT_TYPES =
  "text/plain text/x-msmsgscontrol text/x-msnmsgr-datacast text/x-clientcaps text/x-msmsgsinvite text/x-msmsgsprofile " +
  "text/x-msmsgsinitialemailnotification text/x-msmsgsemailnotification text/x-msmsgsactivemailnotification " +
  "application/x-msmsgssystemmessage image/gif text/plain;charset=x";
const HEADERS =
  "TypingUser: b@x|X-MMS-IM-Format: FN=%ZZ; EF=BZ; CO=fffffffff; PF=x|Message-ID: {1}|Chunks: 2|Chunk: 1|Chunk: x|Chunks: 99999|" +
  " folded|no colon|: no name|P4-Context: x|From: =?utf-8?B?%%%?=|Invitation-Command: INVITE|Invitation-Cookie: 1|ID: 1|ID: 4";

const line = fc
  .tuple(
    fc.constantFrom(...NAMES.split(" ")),
    fc.array(fc.constantFrom(...ARGS.split(" "), ""), { maxLength: 7 }),
    fc.constantFrom("\r\n", "\r\n", "\r\n", "\n", "\r", " \r\n"),
  )
  .map(([name, args, end]) => Buffer.from(`${[name, ...args].join(" ")}${end}`));

// What looks like an answer to something that was asked.
const reply = fc
  .tuple(
    fc.constantFrom(..."VER CVR USR SYN CHG ADD XFR CAL ACK NAK 201 215 217 601 911 928".split(" ")),
    fc.integer({ min: 1, max: 9 }),
    fc.array(fc.constantFrom(...ARGS.split(" ")), { maxLength: 5 }),
  )
  .map((words) => Buffer.from(`${words.flat().join(" ")}\r\n`));

const payload = fc
  .tuple(
    fc.constantFrom(...CONTENT_TYPES.split(" ")),
    fc.array(fc.constantFrom(...HEADERS.split("|")), { maxLength: 5 }),
    fc.oneof(
      fc.uint8Array({ maxLength: 60 }),
      fc.array(fc.constantFrom(...HEADERS.split("|")), { maxLength: 5 }).map((more) => Buffer.from(more.join("\r\n"))),
    ),
  )
  .map(([type, headers, body]) =>
    Buffer.concat([Buffer.from(`${[`Content-Type: ${type}`, ...headers].join("\r\n")}\r\n\r\n`), body]),
  );

const withPayload = fc
  .tuple(
    fc.constantFrom("MSG b@x B", "MSG", "NOT", "IPG", "MSG Hotmail Hotmail"),
    payload,
    fc.constantFrom(0, 0, 0, 1, -1),
  )
  .map(([head, bytes, wrong]) => Buffer.concat([Buffer.from(`${head} ${bytes.length + wrong}\r\n`), bytes]));

const bytes = fc.oneof(
  { weight: 4, arbitrary: line },
  { weight: 4, arbitrary: reply },
  { weight: 3, arbitrary: withPayload },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 40 }).map((some) => Buffer.from(some)) },
);

/** Any soup, cut anywhere. */
export const soups: fc.Arbitrary<Soup> = fc
  .record({
    guest: fc.constantFrom<Soup["guest"]>("notification", "switchboard"),
    honest: fc.nat(9),
    parts: fc.array(bytes, { maxLength: 8 }),
    cuts: fc.array(fc.nat(400), { maxLength: 4 }),
  })
  .map(({ guest, honest, parts, cuts }) => {
    const whole = Buffer.concat(parts);
    const edges = [0, ...cuts.toSorted((a, b) => a - b), whole.length];
    const chunks = edges.slice(1).map((edge, at) => whole.subarray(edges[at], edge));
    return { guest, honest, chunks: chunks.filter(({ length }) => length > 0) };
  });

/** Somebody who has asked the server for all that there is. */
interface Guest {
  readonly requests: ReadonlyArray<Promise<unknown>>;
  end(): void;
}

/**
 * Serves a soup to its end, and closes.
 * @returns what ended the requests and the connection
 * @throws an Error when anything but an MsnError of the right kind came out, or a request or timer is left
 */
export async function eat({ guest, honest, chunks }: Soup): Promise<MsnError[]> {
  const clock = new FakeClock();
  const stream = new SoupStream(honest);
  const connection = new Connection({ stream, payloadCommands: msnp8.payloadCommands, clock, log: NO_LOG });
  const errors: unknown[] = [];
  const eater = (guest === "notification" ? beSession : beBoard)(connection, clock, errors);
  const settled = eater.requests.map((request) => request.catch((error: unknown) => errors.push(error)));
  await stream.saidAll();
  for (const chunk of chunks) {
    stream.serve(chunk);
    await nextTurn();
  }
  eater.end();
  stream.destroy();
  await Promise.all(settled);
  await nextTurn();
  if (clock.waiting > 0) throw new Error(`${clock.waiting} timers are left`);
  return errors.map(checked);
}

const GOOD_CODES: ReadonlySet<string> = new Set([
  "protocol",
  "connection-closed",
  "bad-credentials",
  "server-busy",
  "signed-in-elsewhere",
  "contact-offline",
  "rejected",
]);

// Whatever else is thrown while a command is read becomes the cause of a `protocol` error.
function checked(error: unknown): MsnError {
  if (!(error instanceof MsnError)) throw new Error("something that is no MsnError came out", { cause: error });
  const { cause } = error;
  if (!GOOD_CODES.has(error.code)) throw new Error(`an error ${error.code} came out`, { cause: error });
  if (cause !== undefined && !(cause instanceof MsnError)) throw new Error("a fault of ours came out", { cause });
  return error;
}

function beSession(connection: Connection, clock: FakeClock, errors: unknown[]): Guest {
  const open = (): Promise<Connection> =>
    connection.isClosed
      ? Promise.reject(new MsnError("connection-closed", "there is one connection only"))
      : Promise.resolve(connection);
  const session = newSession("a@x", clock, open, (error) => errors.push(error));
  const asked = async (): Promise<void> => {
    await signIn(session);
    const added = session.ask(msnp8.addToList("AL", { account: "b@x" }));
    const answers = [added, session.requestSwitchboard(), session.ping()];
    for (const answer of await Promise.allSettled(answers))
      if (answer.status === "rejected") errors.push(answer.reason);
  };
  return { requests: [asked()], end: () => session.signOut() };
}

function beBoard(connection: Connection, clock: FakeClock, errors: unknown[]): Guest {
  const nothing = (): undefined => undefined;
  const listener = { onJoin: nothing, onLeave: nothing, onContent: nothing, onClose: nothing };
  const board = new SwitchboardClient({ connection, account: "a@x", clock, log: NO_LOG, listener });
  const said = async (): Promise<void> => {
    const delivery = await board.send(Buffer.from("\r\nHi"));
    if (delivery.state !== "delivered") errors.push(delivery.error);
  };
  return { requests: [board.signIn("1"), board.invite("b@x"), said(), board.leave()], end: () => connection.close() };
}

// Behind the promise jobs and the stream's own ticks.
async function nextTurn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
