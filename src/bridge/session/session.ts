import { MsnError, WriteWatch, type MsnClient, type Status } from "../../msn/index.ts";
import type { Contact, ContactList, Conversation, Delivery, FileSend, FileSource } from "../../msn/index.ts";
import type { OutgoingContent, Roster, WriteListener } from "../../msn/index.ts";
import type { AccountScope } from "./account-scope.ts";
import { ConnectionKeeper } from "./connection-keeper.ts";
import { LOGGED_OUT } from "./current-state.ts";
import type { SessionListener, StatusSource } from "./listener.ts";
import type { SessionLimits } from "./session-limits.ts";
import type { RestState, SessionState } from "./state.ts";
import type { Target } from "./target.ts";

// How many may end under a message before its first byte: servers that accept and drop would be tried without end.
const CONNECTIONS = 4;

export type { SessionEvent } from "./event.ts";
export type { Network, SessionState } from "./state.ts";

/** The MSN account of a login: what is known and said through the connection that is kept for it. */
export class Session {
  readonly #scope: AccountScope;
  readonly #keeper: ConnectionKeeper;

  constructor(scope: AccountScope, limits: SessionLimits, statuses: StatusSource) {
    this.#scope = scope;
    this.#keeper = new ConnectionKeeper(scope, limits, statuses);
  }

  /** Tells `listener` everything. To be called before anything happens. */
  attach(listener: SessionListener): void {
    this.#keeper.attach(listener);
  }

  get state(): SessionState {
    return this.#keeper.state.value;
  }

  /** What is known of the contacts; nothing while there is no session. */
  get contacts(): ReadonlyMap<string, Contact> {
    return this.#client?.roster.contacts ?? new Map();
  }

  /** Everything that is known of contacts, groups and settings; undefined while there is no session. */
  get roster(): Roster | undefined {
    return this.#client?.isConnected === true ? this.#client.roster : undefined;
  }

  /** Changes the contacts, groups and settings; undefined while there is no session. */
  get lists(): ContactList | undefined {
    return this.#client?.isConnected === true ? this.#client.contacts : undefined;
  }

  /** Since when there is no session; undefined while there is one, or none is wanted. */
  get downSince(): number | undefined {
    return this.#keeper.state.downSince;
  }

  /** When the server was last heard. */
  get lastHeard(): number | undefined {
    return this.#client?.lastHeard;
  }

  /**
   * Signs in, once. From then on the account is kept signed in. A session that is there goes on until this succeeds.
   * @param passport in the spelling of its registration
   * @throws MsnError, or the signal's reason when it is aborted
   */
  async signIn(passport: string, password: string, signal?: AbortSignal): Promise<void> {
    await this.#keeper.signIn(passport, password, signal);
  }

  /** Whether anything is read from MSN. */
  read(isRead: boolean): void {
    this.#keeper.read(isRead);
  }

  /** Whether anything is read from the conversation with somebody; where there is no session there is nothing to read. */
  readFrom(target: Target, isRead: boolean): void {
    if (this.#client !== undefined) target.conversationOn(this.#client)[isRead ? "goOn" : "hold"]();
  }

  /** Signs in, trying again for as long as that can help. */
  start(passport: string, password: string): void {
    this.#keeper.start(passport, password);
  }

  /**
   * Signs out and stays so, in the state `next`. Resolves once the last word of the contacts has been heard.
   * @returns false when contacts were still speaking in a conversation that the server did not end
   */
  async stop(next: RestState = { type: "logged-out" }): Promise<boolean> {
    return this.#keeper.stop(next);
  }

  /**
   * Says something to a contact or a group. Waits for a connection that is being made, but not for ever. Where the
   * connection, or the switchboard, ends before the first byte, it is said on the next.
   * @param acceptedAt since when it waits
   * @param listener told just before it is written
   */
  async say(target: Target, content: OutgoingContent, acceptedAt: number, listener?: WriteListener): Promise<Delivery> {
    const watch = new WriteWatch(listener);
    for (let left = CONNECTIONS; ; left -= 1) {
      try {
        const conversation = await this.conversation(target, acceptedAt);
        const delivery = await conversation.send(content, watch);
        const isCut = delivery.state === "failed" && delivery.error.code === "connection-closed";
        if (!isCut || watch.isWritten || left === 1) return delivery;
      } catch (error) {
        if (error instanceof MsnError) return { state: "failed", error };
        throw error;
      }
    }
  }

  /** Whether what is said now goes out at once: there is a session, and somebody on a switchboard. */
  isReached(target: Target): boolean {
    const client = this.#client;
    return client?.isConnected === true && target.conversationOn(client).isReached;
  }

  /**
   * A conversation, once there is a connection; waits for one that is being made as `say` does.
   * @throws MsnError
   */
  async conversation(target: Target, waitsSince = this.#scope.clock.now()): Promise<Conversation> {
    return target.conversationOn(await this.#keeper.connected(waitsSince));
  }

  /** Offers a file to a contact, once there is a connection; waits as `say` does. @throws MsnError */
  async sendFile(contact: string, file: FileSource, waitsSince: number): Promise<FileSend> {
    return (await this.#keeper.connected(waitsSince)).sendFile(contact, file);
  }

  /** A group by the id that events name it by. */
  group(id: string): Conversation | undefined {
    return this.#client?.group(id);
  }

  /** The status that contacts see; FLN while there is no session. */
  get status(): Status {
    return this.#keeper.status;
  }

  /** Shows contacts another status. @throws MsnError */
  async changeStatus(status: Status): Promise<void> {
    if (this.#client === undefined) throw LOGGED_OUT;
    await this.#client.changeStatus(status);
  }

  /** How long the server takes to answer, in milliseconds. @throws MsnError */
  async ping(): Promise<number> {
    if (this.#client === undefined) throw LOGGED_OUT;
    return this.#client.ping();
  }

  get #client(): MsnClient | undefined {
    return this.#keeper.client;
  }
}
