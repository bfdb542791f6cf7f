import { settleAll } from "../../util/settle-all.ts";
import type { OwnerNotices, Topic } from "../base/owner-notices.ts";
import type { CoreScope } from "../base/scope.ts";
import { bareKey } from "../../convert/text/relations.ts";
import type { ManagementRooms } from "./management-rooms.ts";
import { NoticeQueue } from "./notice-queue.ts";

/** What the bot says: on disk first, then said to each user in order, whatever happens to the homeserver meanwhile. */
export class Notices implements OwnerNotices {
  readonly #scope: CoreScope;
  readonly #rooms: ManagementRooms;
  readonly #queues = new Map<string, NoticeQueue>();

  constructor(scope: CoreScope, rooms: ManagementRooms) {
    this.#scope = scope;
    this.#rooms = rooms;
    // What an earlier run has promised it may have said already.
    for (const owner of scope.store.notices.owners())
      this.#queues.set(owner, new NoticeQueue(scope, rooms, owner, true));
  }

  /** Tells a user something wherever they hear the bot; promised once this returns. */
  tell(owner: string, body: string, topic?: Topic): void {
    const { about = null, isLast = false, answers = [] } = topic ?? {};
    this.#scope.store.notices.add({ owner, roomId: null, replyTo: null, body, about, isLast, answers });
    this.#wake(owner);
  }

  /** Says something to a user in a room of theirs; promised once this returns. */
  say(owner: string, roomId: string, body: string, replyTo: string | null = null): void {
    this.#scope.store.notices.add({ owner, roomId, replyTo, body, about: null, isLast: false, answers: [] });
    this.#wake(owner);
  }

  hasTold(about: string): boolean {
    const { notices, noticeEvents } = this.#scope.store;
    return notices.leavesOpen(about) ?? noticeEvents.find(about) !== undefined;
  }

  /** The command that a reaction of a user to a notice stands for. */
  commandOf(owner: string, eventId: string, reaction: string): string | undefined {
    const row = this.#scope.store.noticeEvents.findByEvent(eventId);
    if (row?.owner !== owner) return undefined;
    return row.answers.find(([key]) => bareKey(key) === bareKey(reaction))?.[1];
  }

  /** Whether something to a user is not said yet, or its answers are not offered. */
  isSpeaking(owner: string): boolean {
    return this.#scope.store.notices.next(owner) !== undefined;
  }

  /** Says what an earlier run has promised. */
  resume(): void {
    for (const owner of this.#scope.store.notices.owners()) this.#wake(owner);
  }

  async stop(): Promise<void> {
    await settleAll([...this.#queues.values()].map((queue) => queue.stop()));
  }

  #wake(owner: string): void {
    const queue = this.#queues.get(owner) ?? new NoticeQueue(this.#scope, this.#rooms, owner, false);
    this.#queues.set(owner, queue);
    queue.wake();
  }
}
