import { MsnError } from "../base/errors.ts";
import { decodeBytes } from "./text.ts";

/** One command of the wire (docs/msnp.md 1). Arguments are kept as they stand on the line, still percent-encoded. */
export interface Command {
  /** Three characters: upper-case letters, or the digits of an error. */
  readonly name: string;
  readonly args: readonly string[];
  readonly payload?: Buffer | undefined;
}

// A space or a control character inside an argument would make another command out of the rest of it.
const UNSAFE = /[ \p{Cc}]/u;

/**
 * The bytes of a command.
 * @throws MsnError `rejected` when an argument is empty or holds a space or control character
 */
export function encodeCommand(command: Command): Buffer {
  for (const arg of command.args) {
    if (arg === "" || UNSAFE.test(arg)) {
      throw new MsnError("rejected", `an argument of ${command.name} holds a character that cannot be sent`);
    }
  }
  const words = [command.name, ...command.args];
  if (command.payload !== undefined) words.push(String(command.payload.length));
  const line = Buffer.from(`${words.join(" ")}\r\n`, "utf8");
  return command.payload === undefined ? line : Buffer.concat([line, command.payload]);
}

/** Percent-encodes a text for use as an argument (docs/msnp.md 1.4). */
export function encodeArgument(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

/** The text of an argument: `%XX` becomes a byte, any other `%` stays. */
export function decodeArgument(arg: string): string {
  if (!arg.includes("%")) return arg;
  const bytes = Buffer.from(arg, "utf8");
  const decoded = Buffer.alloc(bytes.length);
  let length = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const hex = bytes.toString("latin1", at, at + 3);
    if (/^%[0-9a-f]{2}$/iu.test(hex)) {
      decoded[length] = Number.parseInt(hex.slice(1), 16);
      at += 2;
    } else {
      decoded[length] = bytes[at] ?? 0;
    }
    length += 1;
  }
  return decodeBytes(decoded, 0, length);
}
