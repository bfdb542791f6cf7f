import { isFinal, MsnError, type MsnClient, type Status } from "../../msn/index.ts";
import { sleep } from "../../util/clock.ts";
import { untilAborted } from "../../util/until-aborted.ts";
import { commitWithRetry } from "../base/commit.ts";
import { signedOut, warnOfCertificate, warnOfPlace } from "../words/sign-in.ts";
import type { AccountScope } from "./account-scope.ts";
import { OwnedClient, type ClientOwner } from "./owned-client.ts";
import { CurrentState, LOGGED_OUT, SIGNED_OUT } from "./current-state.ts";
import { logged, type SessionEvent } from "./event.ts";
import { Farewells } from "./farewells.ts";
import type { SessionListener, StatusSource } from "./listener.ts";
import { Redial } from "./redial.ts";
import type { NetworkPace, SessionLimits } from "./session-limits.ts";
import type { RestState, SessionState } from "./state.ts";

const tooMany = (): MsnError => new MsnError("server-busy", "too many accounts are signing in");

/**
 * Keeps an account signed in.
 *
 * The problem: connections break all the time, a server may accept and drop, a network allows one session an account, and
 * the user may give another password while a session is there. Through all of that messages wait, and nothing that contacts
 * say is lost.
 *
 * | state        | means                                         | left by                                         |
 * | ------------ | --------------------------------------------- | ----------------------------------------------- |
 * | `logged-out` | nobody wants a session                        | `start`, `signIn`                               |
 * | `connecting` | it signs in, or waits for its turn to do so   | success, failure                                |
 * | `connected`  | there is a session                            | a break: tried again, at once if it is the first |
 * | `waiting`    | the next try comes at `until`                 | that time                                       |
 * | `hindered`   | the bridge itself cannot have a session       | `start`, once it can                            |
 * | `stopped`    | trying again would be in vain (wrong password) | `start`, `signIn`                               |
 *
 * The rules: one loop of tries a client. What a client reports counts only while it is the one that is kept, but what
 * contacts say through one that is being replaced, or already through one that will be, is passed on. A `candidate` with a
 * new password is tried beside the client and takes its place only once it is signed in. A client is left only by way of
 * its farewell, in which its contacts are heard out.
 *
 * What must never happen: two loops for one account, tries without a pace, a wrong password tried twice, an event lost
 * because its client was being replaced.
 */
export class ConnectionKeeper implements ClientOwner {
  readonly state: CurrentState;
  readonly #scope: AccountScope;
  readonly #limits: SessionLimits;
  readonly #pace: NetworkPace;
  readonly #statuses: StatusSource;
  #listener: SessionListener | undefined;
  readonly #redial = new Redial();
  #client: MsnClient | undefined;
  /** The client that is being connected again and again. */
  #trying: MsnClient | undefined;
  /** One that is being tried and would replace the client. */
  #candidate: MsnClient | undefined;
  /** Ends what is waited for: the answer to a sign-in, and the next try. */
  #stopping = new AbortController();
  readonly #farewells = new Farewells();

  constructor(scope: AccountScope, limits: SessionLimits, statuses: StatusSource) {
    this.#scope = scope;
    this.#limits = limits;
    this.#pace = limits.paceOf(scope.network);
    this.#statuses = statuses;
    this.state = new CurrentState(scope.clock);
  }

  /** Tells `listener` everything. To be called before anything happens. */
  attach(listener: SessionListener): void {
    this.#listener = listener;
  }

  /** The client that is signed in, or is to be. */
  get client(): MsnClient | undefined {
    return this.#client;
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
    const ended = AbortSignal.any([this.#stopping.signal, ...(signal === undefined ? [] : [signal])]);
    try {
      await this.#pace.signIns.turn("by-user", this.#scope.row.owner, ended);
      ended.throwIfAborted();
      await untilAborted(candidate.connect(this.#statuses.statusAfter(this.status), ended), ended);
      // Stopped, or replaced by another try.
      if (this.#candidate !== candidate) throw LOGGED_OUT;
    } catch (error) {
      this.#farewells.add(candidate);
      if (error instanceof MsnError) this.#warnAdmin(error);
      if (this.#client === undefined && this.#candidate === candidate) this.#become({ type: "logged-out" });
      throw error;
    } finally {
      if (this.#candidate === candidate) this.#candidate = undefined;
      // The network may have ended it for the candidate's sake.
      if (before !== undefined && before === this.#client && !before.isConnected) this.#keepTrying(before);
    }
    this.#replace(candidate);
    this.#become({ type: "connected", since: this.#scope.clock.now() });
  }

  /** Whether anything is read from MSN. */
  read(isRead: boolean): void {
    for (const client of [this.#client, this.#candidate]) client?.flow[isRead ? "resume" : "pause"]();
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
  async stop(next: RestState): Promise<boolean> {
    this.#end();
    this.#become(next);
    return this.#farewells.over();
  }

  /**
   * The client, once it is signed in; waits for that if it is being tried, but not for ever.
   * @param waitsSince when the wait began
   * @throws MsnError when it does not come to a connection in time
   */
  async connected(waitsSince: number): Promise<MsnClient> {
    const problem = await this.state.untilConnected(waitsSince);
    if (problem !== undefined || this.#client === undefined) throw problem ?? LOGGED_OUT;
    return this.#client;
  }

  /** The status that contacts see; FLN while there is no session. */
  get status(): Status {
    return this.#client?.status ?? "FLN";
  }

  #newClient(passport: string, password: string): MsnClient {
    const limits = { switchboards: this.#pace.switchboards, readingTurns: this.#limits.readingTurns };
    return new OwnedClient(this.#scope, this, limits, { account: passport, password }).client;
  }

  // What is still said to a client that is being replaced, or already to one that will be ours, is not lost.
  onEvent(event: SessionEvent): void {
    this.#listener?.onEvent(event);
  }

  onEnd(client: MsnClient, error: MsnError): void {
    if (this.#client === client) logged(this.#scope.log, () => this.#ended(client, error));
  }

  #end(): void {
    this.#stopping.abort(SIGNED_OUT);
    this.#stopping = new AbortController();
    this.#farewells.add(this.#client);
    this.#farewells.add(this.#candidate);
    this.#client = undefined;
    this.#candidate = undefined;
  }

  /** From now on the account is signed in through this client; that the one before it has ended is not reported. */
  #replace(client: MsnClient): void {
    this.#end();
    this.#client = client;
  }

  #ended(client: MsnClient, error: MsnError): void {
    this.#scope.log.info({ login: this.#scope.row.id, error: error.message }, "a session ended");
    // Put out by our own candidate, which takes its place, or fails and leaves it to be signed in again.
    if (this.#candidate !== undefined && error.code === "signed-in-elsewhere") {
      this.#become({ type: "connecting" });
      return;
    }
    if (isFinal(error.code)) return this.#endForGood(error);
    const { value: state } = this.state;
    const lasted = state.type === "connected" ? this.#scope.clock.now() - state.since : 0;
    this.#keepTrying(client, error, this.#redial.afterSession(lasted));
  }

  async #connect(client: MsnClient): Promise<void> {
    // It may have had to wait for its turn, and be wanted no more.
    if (this.#client !== client) throw LOGGED_OUT;
    await client.connect(this.#statuses.statusAfter(this.status), this.#stopping.signal);
    if (this.#client !== client) throw LOGGED_OUT;
    this.#become({ type: "connected", since: this.#scope.clock.now() });
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
      this.#scope.log.error({ error, login: this.#scope.row.id }, "a login stopped trying");
    });
  }

  /** @param lost why there is no session, told while the first try waits for `pause` milliseconds */
  async #tryUntilConnected(client: MsnClient, lost: MsnError, pause: number): Promise<void> {
    const stopping = this.#stopping.signal;
    for (let [failure, delay] = [lost, pause]; this.#client === client; delay = this.#redial.afterFailure()) {
      if (delay > 0) await this.#rest(failure, delay);
      if (this.#client !== client) return;
      this.#become({ type: "connecting" });
      try {
        await this.#pace.signIns.turn("kept", this.#scope.row.owner, stopping);
        await this.#statuses.prepare();
        return await this.#pace.limiter.run(() => this.#connect(client), tooMany);
      } catch (error) {
        if (this.#client !== client) return;
        failure = error instanceof MsnError ? error : new MsnError("protocol", String(error), { cause: error });
        if (isFinal(failure.code)) return this.#endForGood(failure);
        this.#warnAdmin(failure);
      }
    }
  }

  async #rest(error: MsnError, delay: number): Promise<void> {
    const { clock, log, row } = this.#scope;
    log.info({ login: row.id, error: error.message, delay }, "no session, trying again later");
    this.#become({ type: "waiting", error, until: clock.now() + delay });
    await sleep(clock, delay, this.#stopping.signal);
  }

  #warnAdmin(error: MsnError): void {
    warnOfCertificate(this.#scope.log, error, this.#scope.network.name);
    warnOfPlace(this.#scope.log, error, this.#scope.network.name);
  }

  #endForGood(error: MsnError): void {
    const { notices, row, network } = this.#scope;
    this.#farewells.add(this.#client);
    this.#client = undefined;
    this.#become({ type: "stopped", error });
    const sentence = signedOut(error, row.passport, network.name);
    // The session does not end because the disk does not take what it has to say.
    commitWithRetry(this.#scope, () => notices.tell(row.owner, sentence));
  }

  #become(state: SessionState): void {
    this.state.become(state);
    this.#listener?.onState(state);
    this.state.announce();
  }
}
