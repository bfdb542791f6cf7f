import { isFinal, MsnClient, MsnError, STATUSES } from "../msn/index.ts";
import type { Contact, Delivery, MsnEvent, MsnServer, OutgoingContent } from "../msn/index.ts";
import type { LoginRow } from "../store/logins.ts";
import { Backoff } from "../util/backoff.ts";
import { sleep, withTimeout, type Clock } from "../util/clock.ts";
import type { Limiter } from "../util/limiter.ts";
import type { Log } from "../util/log.ts";
import type { TokenBucket } from "../util/token-bucket.ts";
import { signedOut } from "./sentences.ts";

/** What the session of a login is doing. `since` and `until` are milliseconds since the epoch. */
export type SessionState =
  /** The person logged out; nothing happens until she logs in again. */
  | { readonly type: "logged-out" }
  | { readonly type: "connecting" }
  | { readonly type: "connected"; readonly since: number }
  /** The connection failed; another try follows. */
  | { readonly type: "waiting"; readonly error: MsnError; readonly until: number }
  /** Ended for good, until the person does something. */
  | { readonly type: "stopped"; readonly error: MsnError };

/** One MSN network of the configuration. */
export interface Network extends MsnServer {
  readonly id: string;
  readonly name: string;
  /** Whether it refuses those who open conversations too quickly. */
  readonly throttles: boolean;
}

/** What comes from MSN through a session. */
export type SessionEvent = Exclude<MsnEvent, { type: "closed" }>;

export interface SessionOptions {
  readonly row: LoginRow;
  readonly network: Network;
  readonly clock: Clock;
  readonly log: Log;
  /** Lets only so many sessions be opened at the same time. */
  readonly limiter: Limiter;
  /** Paces the conversations that are opened on the network; not given where it does not throttle. */
  readonly bucket?: TokenBucket | undefined;
  readonly onEvent: (event: SessionEvent) => void;
  /** Tells the owner something that she has to know. */
  readonly tellOwner: (sentence: string) => void;
}

const RECONNECT = { first: 5000, most: 5 * 60_000 };
// How long a message waits for a connection that is being made.
const PATIENCE_MS = 2 * 60_000;

/** Keeps the MSN account of a login signed in, and says things through it. */
export class Session {
  readonly #options: SessionOptions;
  readonly #backoff = new Backoff(RECONNECT);
  #client: MsnClient | undefined;
  #state: SessionState = { type: "logged-out" };
  /** When the last session ended, in milliseconds since the epoch. */
  #downSince = 0;
  #stateChange = Promise.withResolvers<void>();
  /** Ends the waiting between two tries. */
  #stopping = new AbortController();

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

  /** When the server was last heard, in milliseconds since the epoch. */
  get lastHeard(): number | undefined {
    return this.#client?.lastHeard;
  }

  /**
   * Signs in, once. From then on the account is kept signed in.
   * @param passport in the spelling of its registration
   * @throws MsnError
   */
  async signIn(passport: string, password: string): Promise<void> {
    const client = this.#newClient(passport, password);
    try {
      await this.#connect(client);
    } catch (error) {
      if (this.#client === client) void this.stop();
      throw error;
    }
  }

  /** Signs in, trying again for as long as that can help. */
  start(passport: string, password: string): void {
    this.#keepTrying(this.#newClient(passport, password));
  }

  /** Signs out and stays so. Resolves once the last word of the contacts has been heard. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    const gone = this.#client?.disconnect();
    this.#client = undefined;
    this.#become({ type: "logged-out" });
    await gone;
  }

  /**
   * Says something to a contact. Waits for a connection that is being made, but not for ever.
   * @param acceptedAt since when it waits, in milliseconds since the epoch
   * @param onWrite called before the first byte is written
   */
  async say(contact: string, content: OutgoingContent, acceptedAt: number, onWrite: () => void): Promise<Delivery> {
    const problem = await this.#whenConnected(acceptedAt);
    if (problem !== undefined) return { state: "failed", error: problem };
    const client = this.#client;
    if (client === undefined) return { state: "failed", error: LOGGED_OUT };
    return client.conversation(contact).send(content, onWrite);
  }

  /** How long the server takes to answer, in milliseconds. @throws MsnError */
  async ping(): Promise<number> {
    if (this.#client === undefined) throw LOGGED_OUT;
    return this.#client.ping();
  }

  #newClient(passport: string, password: string): MsnClient {
    void this.stop();
    this.#stopping = new AbortController();
    const { clock, log, network, bucket } = this.#options;
    const pacing = bucket && { paceSwitchboards: () => bucket.take(PATIENCE_MS) };
    const client = new MsnClient({ server: network, account: passport, password, clock, log, ...pacing });
    client.on("event", (event) => {
      // What was still said to an account that is being signed out is not lost.
      if (this.#client === client || event.type === "content") this.#onEvent(client, event);
    });
    this.#client = client;
    // It may have to wait for its turn; what people write meanwhile waits with it.
    this.#become({ type: "connecting" });
    return client;
  }

  #onEvent(client: MsnClient, event: MsnEvent): void {
    if (event.type !== "closed") return this.#options.onEvent(event);
    this.#options.log.info({ login: this.#options.row.id, error: event.error.message }, "a session ended");
    if (isFinal(event.error.code)) this.#endForGood(event.error);
    else this.#keepTrying(client);
  }

  async #connect(client: MsnClient): Promise<void> {
    // It may have had to wait for its turn, and be wanted no more.
    if (this.#client !== client) throw LOGGED_OUT;
    this.#become({ type: "connecting" });
    await client.connect(STATUSES.find((status) => status === this.#options.row.wantedStatus));
    if (this.#client !== client) throw LOGGED_OUT;
    this.#backoff.reset();
    this.#become({ type: "connected", since: this.#options.clock.now() });
  }

  #keepTrying(client: MsnClient): void {
    this.#tryUntilConnected(client).catch((error: unknown) => {
      this.#options.log.error({ error, login: this.#options.row.id }, "a login stopped trying");
    });
  }

  async #tryUntilConnected(client: MsnClient): Promise<void> {
    const { clock, log, row, limiter } = this.#options;
    while (this.#client === client) {
      try {
        return await limiter.run(() => this.#connect(client), tooMany);
      } catch (error) {
        if (this.#client !== client) return;
        if (!(error instanceof MsnError)) throw error;
        if (isFinal(error.code)) return this.#endForGood(error);
        const delay = this.#backoff.next();
        log.info({ login: row.id, error: error.message, delay }, "signing in failed, trying again later");
        this.#become({ type: "waiting", error, until: clock.now() + delay });
        await sleep(clock, delay, this.#stopping.signal);
      }
    }
  }

  #endForGood(error: MsnError): void {
    const { tellOwner, row, network } = this.#options;
    void this.#client?.disconnect();
    this.#client = undefined;
    this.#become({ type: "stopped", error });
    tellOwner(signedOut(error, row.passport, network.name));
  }

  #become(state: SessionState): void {
    if (this.#state.type === "connected" || this.#state.type === "logged-out")
      this.#downSince = this.#options.clock.now();
    this.#state = state;
    this.#stateChange.resolve();
    this.#stateChange = Promise.withResolvers();
  }

  /** Nothing once connected; otherwise why it did not come to that. */
  async #whenConnected(acceptedAt: number): Promise<MsnError | undefined> {
    const { clock } = this.#options;
    const end = Math.max(acceptedAt, this.#downSince) + PATIENCE_MS;
    for (;;) {
      switch (this.#state.type) {
        case "connected":
          return undefined;
        case "logged-out":
          return LOGGED_OUT;
        case "stopped":
          return this.#state.error;
        case "connecting":
        case "waiting": {
          const late = new MsnError("connection-closed", "the connection to MSN is down");
          if (clock.now() >= end) return late;
          await withTimeout(clock, end - clock.now(), this.#stateChange.promise, () => late).catch(() => undefined);
        }
      }
    }
  }
}

const tooMany = (): MsnError => new MsnError("server-busy", "too many accounts are signing in");

const LOGGED_OUT = new MsnError("bad-credentials", "not logged in to MSN");
