/** Has to do with the rooms of a login as a whole. */
export interface RoomFollower {
  /** A chat has got its room, or has lost it. */
  roomsChanged(): void;
}

/** Those who follow which chats of a login have a room. */
export class RoomFollowers implements RoomFollower {
  readonly #followers: RoomFollower[] = [];

  add(follower: RoomFollower): void {
    this.#followers.push(follower);
  }

  roomsChanged(): void {
    for (const follower of this.#followers) follower.roomsChanged();
  }
}
