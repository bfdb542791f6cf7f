import type { Message } from "../wire/message.ts";

export interface ReceivedText {
  /** The passport of the sender. */
  from: string;
  /** Line ends are `\n`. */
  text: string;
  /** The value of X-MMS-IM-Format. */
  format?: string;
  /** A moment of the clock. */
  at: number;
}

export function toReceivedText(from: string, message: Message, at: number): ReceivedText {
  const format = message.header("X-MMS-IM-Format");
  const text = message.body.toString().replaceAll("\r\n", "\n");
  return { from, text, ...(format === undefined ? {} : { format }), at };
}
