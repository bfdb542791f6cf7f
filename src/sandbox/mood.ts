/** What differs between kinds of servers. A further kind is another value of this type. */
export interface Mood {
  /** The notification port answers `USR I` with the address of another one. */
  readonly dispatch: boolean;
  /** A challenge follows the first CHG. */
  readonly challenge: boolean;
  /** The answer to a message that wanted one, by the number of people who were there to get it. */
  messageReply(ack: "A" | "D" | "N", listeners: number): "ACK" | "NAK" | undefined;
}

/** The servers people run today: no dispatch, no challenge, and an ACK even when nobody is there. */
export const TODAYS_SERVERS: Mood = {
  dispatch: false,
  challenge: false,
  messageReply: (ack) => (ack === "N" ? undefined : "ACK"),
};
