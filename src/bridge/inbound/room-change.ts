/** A state event, as far as it says who is in a room or where it went. */
export interface RoomChange {
  readonly roomId: string;
  readonly sender: string;
  readonly type: string;
  readonly stateKey: string;
  readonly content: unknown;
  /** When it was sent, in milliseconds since the epoch. */
  readonly at: number;
}
