import { withTimeout } from "../../util/clock.ts";
import { onAbort } from "../../util/on-abort.ts";
import { untilAborted } from "../../util/until-aborted.ts";
import type { Address } from "../base/address.ts";
import { CALLED_OFF, MsnError, whyNotSignedIn } from "../base/errors.ts";
import type { SwitchboardSource } from "../chat/board-opener.ts";
import type { SwitchboardTicket } from "../base/switchboard-ticket.ts";
import type { ServerRequest } from "../dialect/server-request.ts";
import type { Status } from "../base/status.ts";
import { NotificationClient } from "./notification.ts";
import type { SessionOwner, SessionScope } from "./session-scope.ts";

const [LOGIN_TIMEOUT_MS, PACE_TIMEOUT_MS] = [60_000, 3 * 60_000] as const;

/** At which pace switchboards may be asked for. */
export interface SwitchboardPace {
  /**
   * Waits for the turn of another switchboard.
   * @param signal aborted when it is not wanted any more
   * @returns false when it would take too long
   */
  takeTurn(signal: AbortSignal): Promise<boolean>;
}

const late = (): MsnError => new MsnError("timeout", "signing in took too long");
const busy = (): MsnError => new MsnError("limited", "too many conversations are being opened here at once");

/** The sessions of an account on notification servers, one after the other, and what is known of the one there is. */
export class AccountSession implements SessionOwner<NotificationClient>, SwitchboardSource {
  readonly #scope: SessionScope;
  readonly #server: Address;
  readonly #pace: SwitchboardPace | undefined;
  #current: NotificationClient | undefined;
  #isConnected = false;
  /** Ends the signing in that is under way. */
  #calledOff: AbortController | undefined;
  #status: Status = "FLN";
  #name: string | undefined;
  /** Where the server has sent us; good for one session. */
  #movedTo: Address | undefined;

  constructor(scope: SessionScope, server: Address, pace: SwitchboardPace | undefined) {
    this.#scope = scope;
    this.#server = server;
    this.#pace = pace;
  }

  get name(): string | undefined {
    return this.#name;
  }

  get isConnected(): boolean {
    return this.#isConnected;
  }

  get lastHeard(): number | undefined {
    return this.#current?.lastHeard;
  }

  get status(): Status {
    return this.#isConnected ? this.#status : "FLN";
  }

  /** @throws MsnError */
  async connect(status: Status, signal: AbortSignal | undefined): Promise<void> {
    if (this.#current !== undefined) throw new MsnError("rejected", "the account is signed in already");
    const { opener, roster } = this.#scope;
    const called = (this.#calledOff = new AbortController());
    const { signal: ended } = called;
    const callOff = (): void => called.abort(signal?.reason);
    if (signal?.aborted === true) callOff();
    const stopWaiting = signal && onAbort(signal, callOff);
    const session = (this.#current = new NotificationClient(this.#scope, this));
    roster.begin();
    try {
      const signingIn = untilAborted(session.signIn(this.#takeAddress(), status, ended), ended);
      this.#name = (await withTimeout(opener.flow.clock, LOGIN_TIMEOUT_MS, signingIn, late)) ?? this.#name;
      this.#isConnected = true;
      roster.complete();
    } catch (error) {
      if (this.#current === session) this.#current = undefined;
      const ours = error instanceof MsnError ? error : whyNotSignedIn(error, ended);
      called.abort(ours);
      session.close(ours);
      throw ours;
    } finally {
      stopWaiting?.();
      if (this.#calledOff === called) this.#calledOff = undefined;
    }
  }

  /** Signs out, or calls off the signing in. */
  disconnect(): void {
    const session = this.#current;
    const isConnected = this.#isConnected;
    this.#forget();
    this.#calledOff?.abort(CALLED_OFF);
    if (isConnected) session?.signOut();
    else session?.close(CALLED_OFF);
  }

  /** @throws MsnError */
  async ask<T>(request: ServerRequest<T>): Promise<T> {
    return this.#signedIn().ask(request);
  }

  /** @throws MsnError */
  async changeStatus(status: Status): Promise<void> {
    await this.#signedIn().changeStatus(status);
  }

  /** @throws MsnError */
  async ping(): Promise<void> {
    await this.#signedIn().ping();
  }

  /** Asks for a new switchboard when its turn has come. @throws MsnError */
  async requestSwitchboard(leaving: AbortSignal): Promise<SwitchboardTicket> {
    // Nobody waits for a turn that would be of no use.
    this.#signedIn();
    const turn = this.#pace?.takeTurn(leaving);
    if (turn !== undefined && !(await withTimeout(this.#scope.clock, PACE_TIMEOUT_MS, turn, busy))) throw busy();
    return this.#signedIn().requestSwitchboard();
  }

  onOwnStatus(status: Status): void {
    this.#status = status;
  }

  onOwnName(name: string): void {
    this.#name = name;
  }

  onMoved(address: Address): void {
    this.#movedTo = address;
  }

  onClose(session: NotificationClient, error: MsnError): void {
    if (this.#current !== session || !this.#isConnected) return;
    this.#forget();
    this.#scope.listener.onSessionEnd(error);
  }

  #forget(): void {
    this.#current = undefined;
    this.#isConnected = false;
    this.#scope.roster.end();
  }

  #takeAddress(): Address {
    const { host, port } = this.#movedTo ?? this.#server;
    this.#movedTo = undefined;
    return { host, port };
  }

  #signedIn(): NotificationClient {
    if (this.#current === undefined || !this.#isConnected)
      throw new MsnError("connection-closed", "not signed in to MSN");
    return this.#current;
  }
}
