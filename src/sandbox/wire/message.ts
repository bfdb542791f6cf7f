import { decodeStrictly } from "./wire.ts";

/** The most bytes of a switchboard message, header lines included. */
export const LONGEST_MESSAGE = 1664;

/** A message as the servers and the scripted contacts look at it. */
export interface Message {
  /** In lower case, without parameters; undefined when the header is absent. */
  readonly type: string | undefined;
  header(name: string): string | undefined;
  readonly body: Buffer;
}

/** Undefined when there is no empty line, or the header lines are not UTF-8. */
export function parseMessage(payload: Buffer): Message | undefined {
  const end = payload.indexOf("\r\n\r\n");
  const head = end < 0 ? undefined : decodeStrictly(payload.subarray(0, end));
  if (head === undefined) return undefined;
  const headers = new Map(head.split("\r\n").map(parseHeader));
  const type = headers.get("content-type")?.split(";", 1)[0]?.trim().toLowerCase();
  return { type, header: (name) => headers.get(name.toLowerCase()), body: payload.subarray(end + 4) };
}

function parseHeader(line: string): [name: string, value: string] {
  const colon = line.indexOf(":");
  return [line.slice(0, Math.max(colon, 0)).toLowerCase(), line.slice(colon + 1).trim()];
}

export function isText(message: Message): boolean {
  return message.type === undefined || message.type === "text/plain";
}

/** What becomes of a message: handed on, dropped without a word, or the end of the connection. */
export type Verdict = "relay" | "drop" | "close";

const ACK_LETTERS = ["U", "N", "A", "D"] as const;
export type AckLetter = (typeof ACK_LETTERS)[number];

export function isAckLetter(word: string): word is AckLetter {
  return ACK_LETTERS.some((letter) => letter === word);
}

/** What today's servers do (docs/msnp.md 4.4 and 8.1(23)). */
export function judge(ack: string, payload: Buffer): Verdict {
  if (!isAckLetter(ack) || payload.length > LONGEST_MESSAGE) return "close";
  const message = parseMessage(payload);
  if (message === undefined) return "drop";
  if (message.type === "application/x-msnmsgrp2p") return ack === "D" ? "relay" : "close";
  if (message.type === "text/x-msnmsgr-datacast") {
    return /^ID: [^\r\n]*\r\n/mu.test(message.body.toString()) ? "relay" : "drop";
  }
  return isText(message) && decodeStrictly(message.body) === undefined ? "drop" : "relay";
}

export function encodeText(text: string): Buffer {
  return Buffer.from(
    "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=UTF-8\r\n" +
      `X-MMS-IM-Format: FN=Segoe%20UI; EF=; CO=0; CS=0; PF=22\r\n\r\n${text.replaceAll(/\r?\n|\r/gu, "\r\n")}`,
  );
}
