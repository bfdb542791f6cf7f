// DATA OF OTHER CLIENTS
//
// The problem. Clients of later dialects speak to one another over a switchboard, in binary packets of their own: they ask
// for pictures, offer files and games, and send what was drawn by hand. This client serves none of it, but silence has a
// price: the other client repeats its question, and its user waits for minutes.
//
// What comes, and what is done:
//
//   a packet for another member of the board           nothing
//   no packet, or of a kind that is no message         nothing: an acknowledgement is not acknowledged
//   a part of a message                                kept until it is complete, in order, within limits
//   a complete message                                 acknowledged
//     of session 0, an INVITE for an object of ours    declined; no person waits for it
//     of session 0, any other INVITE                   declined, and reported as what it was for (`programKind`)
//     of session 64                                    reported as ink
//
// Rules
// - The acknowledgement goes out before the answer (docs/msnp.md 7.1).
// - A repeated part changes nothing; a gap drops the message.
// - Numbers of ours are made from those of the other side, so that nothing has to be remembered between packets.
//
// What must never happen
// - A client that asks without end has us answer without end: answers are limited, and what was wanted is still reported.
// - A message that claims to be large costs as much: only its beginning is kept, in which an invitation stands.

import { GatheredWarning } from "../base/gathered-warning.ts";
import type { MsnScope } from "../base/scope.ts";
import type { DataReader } from "../content/readers.ts";
import type { UnsupportedKind } from "../base/unsupported-kind.ts";
import { RateLimit } from "../../util/rate-limit.ts";
import { accountKey, withoutEndpoint } from "../base/account.ts";
import type { MimeMessage } from "../wire/mime.ts";
import { encodeAck, encodeAnswer, encodePacketMessage, isMessagePart, parsePacket, type Packet } from "./packet.ts";
import { encodeDecline, parseInvite, type SessionInvite } from "./slp.ts";

/** Says something on the switchboard, in the way that such data need. */
export interface DataSender {
  sendData(payload: Buffer): void;
}

/** A message of which not all has come. What is kept of it ends early: what comes late is the picture of a file. */
interface Incomplete {
  readonly kept: Buffer[];
  keptBytes: number;
  received: bigint;
}

const MAX_INCOMPLETE = 4;
const MAX_KEPT = 16 * 1024;
const MAX_TOTAL = 1024n * 1024n;
// Programs ask for a handful of objects when a chat begins. Each request costs us two messages.
const ANSWERS = { burst: 40, everyMs: 250, isStrict: true };

/** The session in which clients send what was written by hand, without an invitation (docs/msnp.md 7.1). */
const INK_SESSION = 64;

/**
 * Answers what other clients ask of ours on one switchboard: their messages are acknowledged, and the sessions that they
 * want to begin are declined, since we serve no objects and take no data.
 */
export class P2pResponder implements DataReader {
  readonly #scope: MsnScope;
  readonly #sender: DataSender;
  readonly #answers: RateLimit;
  readonly #unanswered: GatheredWarning;
  /** By sender, session and identifier, oldest first. */
  readonly #incomplete = new Map<string, Incomplete>();

  constructor(scope: MsnScope, sender: DataSender) {
    this.#scope = scope;
    this.#sender = sender;
    this.#answers = new RateLimit(scope.clock, ANSWERS);
    this.#unanswered = new GatheredWarning(scope, "a client asks too much at once, and gets no answer");
  }

  /**
   * Takes what an account has said. All members of the board hear it, and only one is meant (docs/msnp.md 7.1).
   * @returns what a person wanted with it, if anything
   */
  take(from: string, { headers, body }: MimeMessage): UnsupportedKind | undefined {
    const { account, log } = this.#scope;
    if (accountKey(headers.get("p2p-dest") ?? "") !== accountKey(account)) return undefined;
    const packet = parsePacket(body);
    if (packet === undefined) {
      log.debug({ bytes: body.length }, "skipped data of a client that cannot be understood");
      return undefined;
    }
    const message = isMessagePart(packet) ? this.#collect(from, packet) : undefined;
    if (message === undefined) return undefined;
    const invite = packet.session === 0 ? parseInvite(message) : undefined;
    if (this.#answers.take()) this.#answer(withoutEndpoint(from), packet, invite);
    else this.#unanswered.add();
    return packet.session === INK_SESSION ? "ink" : invite?.kind;
  }

  // The acknowledgement goes out first, whatever else there is to say (docs/msnp.md 7.1).
  #answer(to: string, packet: Packet, invite: SessionInvite | undefined): void {
    this.#sender.sendData(encodePacketMessage(to, encodeAck(packet)));
    if (invite === undefined) return;
    const decline = encodeDecline(invite, to, this.#scope.account);
    this.#sender.sendData(encodePacketMessage(to, encodeAnswer(packet, decline)));
  }

  /** @returns the beginning of the message that the packet completes */
  #collect(from: string, packet: Packet): Buffer | undefined {
    const { session, identifier, offset, totalSize, data } = packet;
    const end = offset + BigInt(data.length);
    if (totalSize === 0n || totalSize > MAX_TOTAL || end > totalSize) return undefined;
    if (offset === 0n && end === totalSize) return data;
    const key = `${accountKey(from)} ${session} ${identifier}`;
    if (offset === 0n) this.#begin(key);
    const incomplete = this.#incomplete.get(key);
    if (incomplete === undefined || offset > incomplete.received) {
      this.#incomplete.delete(key);
      return undefined;
    }
    // What was sent again is known already, wholly or as far as it was cut in another way.
    if (end <= incomplete.received) return undefined;
    const known = Number(incomplete.received - offset);
    incomplete.received = end;
    this.#keep(incomplete, data.subarray(known));
    if (end < totalSize) return undefined;
    this.#incomplete.delete(key);
    return Buffer.concat(incomplete.kept);
  }

  #begin(key: string): void {
    this.#incomplete.delete(key);
    const [oldest] = this.#incomplete.keys();
    if (oldest !== undefined && this.#incomplete.size >= MAX_INCOMPLETE) this.#incomplete.delete(oldest);
    this.#incomplete.set(key, { kept: [], keptBytes: 0, received: 0n });
  }

  #keep(incomplete: Incomplete, data: Buffer): void {
    // A copy, since the packet shares its memory with all that came with it.
    const part = Buffer.from(data.subarray(0, MAX_KEPT - incomplete.keptBytes));
    if (part.length > 0) incomplete.kept.push(part);
    incomplete.keptBytes += part.length;
  }
}
