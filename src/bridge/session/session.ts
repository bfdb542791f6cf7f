import { isFinal, MsnError, type MsnClient, type Status } from "../../msn/index.ts";
import type { Contact, ContactList, Conversation, Delivery, FileSend, FileSource } from "../../msn/index.ts";
import type { OutgoingContent, Roster } from "../../msn/index.ts";
import { sleep } from "../../util/clock.ts";
import { untilAborted } from "../../util/until-aborted.ts";
import { Farewells } from "./farewells.ts";
import { Redial } from "./redial.ts";
import { signedOut, warnOfCertificate } from "../words/sign-in.ts";
import { newClient, PATIENCE_MS } from "./client.ts";
import { logged, withPeople } from "./event.ts";
import type { SessionOptions } from "./options.ts";
import { isDown, type RestState, type SessionState } from "./state.ts";
import { LOGGED_OUT, SIGNED_OUT, tooMany, untilConnected } from "./wait.ts";
import { conversationOf, type Target } from "./target.ts";

export type { SessionEvent } from "./event.ts";
export type { SessionOptions } from "./options.ts";
export type { Network, SessionState } from "./state.ts";

/** Keeps the MSN account of a login signed in, and says things through it. */
export class Session {
  readonly #options: SessionOptions;
  readonly #redial = new Redial();
  #client: MsnClient | undefined;
  /** The client that is being connected again and again. */
  #trying: MsnClient | undefined;
  /** One that is being tried and would replace the client. */
  #candidate: MsnClient | undefined;
  #state: SessionState = { type: "logged-out" };
  /** When the last session ended, in milliseconds since the epoch. */
  #downSince = 0;
  #stateChange = Promise.withResolvers<void>();
  /** Ends what is waited for: the answer to a sign-in, and the next try. */
  #stopping = new AbortController();
  readonly #farewells = new Farewells();

  constructor(options: SessionOptions) {
    this.#options = options;
  }

  get state(): SessionState {
    return this.#state;
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

  /** Since when there is no session, in milliseconds since the epoch; undefined while there is one, or none is wanted. */
  get downSince(): number | undefined {
    return isDown(this.#state) ? this.#downSince : undefined;
  }

  /** When the server was last heard, in milliseconds since the epoch. */
  get lastHeard(): number | undefined {
    return this.#client?.lastHeard;
  }

  /**
   * Signs in, once. From then on the account is kept signed in. A session that is there goes on until this succeeds.
   * @param passport in the spelling of its registration
   * @throws MsnError, or the signal's reason when it is aborted
   */
  async signIn(passport: string, password: string, signal?: AbortSignal): Promise<void> {
    const candidate = this.#newClient(passport, password);
    const before = this.#client;
    this.#farewells.add(this.#candidate);
    this.#candidate = candidate;
    if (before === undefined) this.#become({ type: "connecting" });
    // A person does not wait for others, who wait for this one instead.
    this.#options.turns?.count();
    const ended = AbortSignal.any([this.#stopping.signal, ...(signal === undefined ? [] : [signal])]);
    try {
      await untilAborted(candidate.connect(this.#options.wantedStatus(), ended), ended);
      // Stopped, or replaced by another try.
      if (this.#candidate !== candidate) throw LOGGED_OUT;
    } catch (error) {
      this.#farewells.add(candidate);
      if (error instanceof MsnError) this.#tellOperator(error);
      if (this.#client === undefined && this.#candidate === candidate) this.#become({ type: "logged-out" });
      throw error;
    } finally {
      if (this.#candidate === candidate) this.#candidate = undefined;
      // The network may have ended it for the candidate's sake.
      if (before !== undefined && before === this.#client && !before.isConnected) this.#keepTrying(before);
    }
    this.#replace(candidate);
    this.#become({ type: "connected", since: this.#options.clock.now() });
  }

  /** Whether anything is read from MSN. */
  read(isRead: boolean): void {
    for (const client of [this.#client, this.#candidate]) client?.intake[isRead ? "resume" : "pause"]();
  }

  /** Signs in, trying again for as long as that can help. */
  start(passport: string, password: string): void {
    const client = this.#newClient(passport, password);
    this.#replace(client);
    this.#keepTrying(client);
  }

  /**
   * Signs out and stays so, in the state `next`. Resolves once the last word of the contacts has been heard.
   * @returns false when contacts were still speaking in a conversation that the server did not end
   */
  async stop(next: RestState = { type: "logged-out" }): Promise<boolean> {
    this.#end();
    this.#become(next);
    return this.#farewells.over();
  }

  /**
   * Says something to a contact or a group. Waits for a connection that is being made, but not for ever.
   * @param acceptedAt since when it waits, in milliseconds since the epoch
   * @param onWrite called before the first byte is written
   */
  async say(target: Target, content: OutgoingContent, acceptedAt: number, onWrite: () => void): Promise<Delivery> {
    let conversation: Conversation;
    try {
      conversation = await this.conversation(target, acceptedAt);
    } catch (error) {
      if (error instanceof MsnError) return { state: "failed", error };
      throw error;
    }
    return conversation.send(content, onWrite);
  }

  /**
   * A conversation, once there is a connection; waits for one that is being made as `say` does.
   * @throws MsnError
   */
  async conversation(target: Target, waitsSince = this.#options.clock.now()): Promise<Conversation> {
    return conversationOf(await this.#connected(waitsSince), target);
  }

  /** Offers a file to a contact, once there is a connection; waits as `say` does. @throws MsnError */
  async sendFile(contact: string, file: FileSource, waitsSince: number): Promise<FileSend> {
    return (await this.#connected(waitsSince)).sendFile(contact, file);
  }

  /** A group by the id that events name it by. */
  group(id: string): Conversation | undefined {
    return this.#client?.group(id);
  }

  /** The status that contacts see; FLN while there is no session. */
  get status(): Status {
    return this.#client?.status ?? "FLN";
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

  #newClient(passport: string, password: string): MsnClient {
    const client = newClient(this.#options, { account: passport, password });
    client.on("event", (event) => {
      // What is still said to a client that is being replaced, or already to one that will be ours, is not lost.
      if (event.type !== "closed") this.#options.onEvent(withPeople(event, client));
      else if (this.#client === client) logged(this.#options.log, () => this.#ended(client, event.error));
    });
    return client;
  }

  #end(): void {
    this.#stopping.abort(SIGNED_OUT);
    this.#stopping = new AbortController();
    this.#farewells.add(this.#client);
    this.#farewells.add(this.#candidate);
    this.#client = undefined;
    this.#candidate = undefined;
  }

  /** From now on the account is signed in through this client; that the one before it has ended is no news. */
  #replace(client: MsnClient): void {
    this.#end();
    this.#client = client;
  }

  #ended(client: MsnClient, error: MsnError): void {
    this.#options.log.info({ login: this.#options.row.id, error: error.message }, "a session ended");
    // Put out by our own candidate, which takes its place, or fails and leaves it to be signed in again.
    if (this.#candidate !== undefined && error.code === "signed-in-elsewhere") {
      this.#become({ type: "connecting" });
      return;
    }
    if (isFinal(error.code)) return this.#endForGood(error);
    const { clock } = this.#options;
    const lasted = this.#state.type === "connected" ? clock.now() - this.#state.since : 0;
    this.#keepTrying(client, error, this.#redial.afterSession(lasted));
  }

  async #connect(client: MsnClient): Promise<void> {
    // It may have had to wait for its turn, and be wanted no more.
    if (this.#client !== client) throw LOGGED_OUT;
    await client.connect(this.#options.wantedStatus(), this.#stopping.signal);
    if (this.#client !== client) throw LOGGED_OUT;
    this.#become({ type: "connected", since: this.#options.clock.now() });
  }

  // While it waits for its turn, what people write waits with it. One loop for a client: two would take each other's
  // success for a failure.
  #keepTrying(client: MsnClient, lost = LOGGED_OUT, delay = 0): void {
    if (this.#trying === client) return;
    this.#trying = client;
    const trying = this.#tryUntilConnected(client, lost, delay).finally(() => {
      if (this.#trying === client) this.#trying = undefined;
    });
    trying.catch((error: unknown) => {
      this.#options.log.error({ error, login: this.#options.row.id }, "a login stopped trying");
    });
  }

  /** @param lost why there is no session, told while the first try waits for `pause` milliseconds */
  async #tryUntilConnected(client: MsnClient, lost: MsnError, pause: number): Promise<void> {
    const { limiter, turns } = this.#options;
    const stopping = this.#stopping.signal;
    for (let [failure, delay] = [lost, pause]; this.#client === client; delay = this.#redial.afterFailure()) {
      if (delay > 0) await this.#rest(failure, delay);
      if (this.#client !== client) return;
      this.#become({ type: "connecting" });
      try {
        await turns?.turn(Number.POSITIVE_INFINITY, stopping);
        return await limiter.run(() => this.#connect(client), tooMany);
      } catch (error) {
        if (this.#client !== client) return;
        failure = error instanceof MsnError ? error : new MsnError("protocol", String(error), { cause: error });
        if (isFinal(failure.code)) return this.#endForGood(failure);
        this.#tellOperator(failure);
      }
    }
  }

  async #rest(error: MsnError, delay: number): Promise<void> {
    const { clock, log, row } = this.#options;
    log.info({ login: row.id, error: error.message, delay }, "no session, trying again later");
    this.#become({ type: "waiting", error, until: clock.now() + delay });
    await sleep(clock, delay, this.#stopping.signal);
  }

  #tellOperator(error: MsnError): void {
    warnOfCertificate(this.#options.log, error, this.#options.network.name);
  }

  #endForGood(error: MsnError): void {
    const { tellOwner, row, network } = this.#options;
    this.#farewells.add(this.#client);
    this.#client = undefined;
    this.#become({ type: "stopped", error });
    tellOwner(signedOut(error, row.passport, network.name));
  }

  #become(state: SessionState): void {
    if (!isDown(this.#state)) this.#downSince = this.#options.clock.now();
    this.#state = state;
    this.#options.onState(state);
    this.#stateChange.resolve();
    this.#stateChange = Promise.withResolvers();
  }

  /** @throws MsnError when it does not come to a connection in time */
  async #connected(acceptedAt: number): Promise<MsnClient> {
    const { clock } = this.#options;
    const since = Math.max(acceptedAt, this.#downSince);
    // A clock that was set back must not make it longer.
    const end = Math.min(since, clock.now()) + PATIENCE_MS;
    const problem = await untilConnected(clock, end, () => ({ state: this.#state, change: this.#stateChange.promise }));
    if (problem !== undefined || this.#client === undefined) throw problem ?? LOGGED_OUT;
    return this.#client;
  }
}
