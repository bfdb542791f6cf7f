// A SESSION ON A NOTIFICATION SERVER
//
// The problem. Signing in takes six requests, to servers that refer to one another and to a login service, any of which may
// refuse, fall silent, or go away; lists come without a mark of their end; and a session that is dead does not always say so.
//
// Its states:
//
//   introducing ──XFR NS──► introducing elsewhere (five times at most)
//       │  └── no ticket is asked for ──────────┐
//       └── challenge ──► ticket ──► accepted ──┴──► lists ──► status shown ──► live ──► closed
//                               (login service)      │
//                                                    └ they end when the PNG sent right behind SYN is answered, or
//                                                      after 5 s of silence (`SyncEnd`)
//
//   From everywhere: the connection ends, a time-out passes, the caller calls it off ──► closed, once, with the reason
//
// Rules
// - Commands are written and read by the dialect; nothing here knows the name of one.
// - An answer is applied before the next command is read: what a request has changed is in the roster when it resolves.
// - The server ends a session with a reason (signed in elsewhere, going down, move there), which counts more than the end
//   of the connection behind it.
// - Live means that it answers: every 30 s it is pinged (`Keepalive`).
// - A session is used once. The next one is another object, and what comes late from an old one concerns nobody
//   (`AccountSession`).
//
// What must never happen
// - A waiter that nobody answers: all are rejected when the connection ends.
// - Something is sent after the sign-in was called off.
// - A server that asks for work without end gets it: challenges are limited, and so is the size of the roster.

import { withTimeout } from "../../util/clock.ts";
import type { Address } from "../base/address.ts";
import { MsnError } from "../base/errors.ts";
import { GatheredWarning } from "../base/gathered-warning.ts";
import { RateLimit } from "../../util/rate-limit.ts";
import type { SwitchboardTicket } from "../base/switchboard-ticket.ts";
import type { ServerRequest } from "../dialect/server-request.ts";
import type { ServerSaying } from "../dialect/dialect.ts";
import type { RosterChange } from "../dialect/roster-change.ts";
import type { Status } from "../base/status.ts";
import type { AnswerListener, Connection } from "../net/connection.ts";
import type { Command } from "../wire/command.ts";
import { findNotificationServer, type DispatchListener } from "./dispatch.ts";
import { askServer } from "./handshake.ts";
import { Keepalive } from "./keepalive.ts";
import { OwnAccountFilter } from "./own-account.ts";
import { ServerMessages } from "./server-messages.ts";
import type { SessionOwner, SessionScope } from "./session-scope.ts";
import { SyncEnd } from "./sync-end.ts";

const PING_TIMEOUT_MS = 30_000;
// Honest servers ask once in a while; each answer costs us work and memory (docs/msnp.md 3.7).
const CHALLENGES = { burst: 10, everyMs: 1000, isStrict: true };

const late = (): MsnError => new MsnError("timeout", "the server did not answer PNG in time");

/** The session of one account on its notification server: signing in, lists, presence, calls, signing out. */
export class NotificationClient implements DispatchListener, AnswerListener {
  readonly #scope: SessionScope;
  readonly #owner: SessionOwner<NotificationClient>;
  readonly #keepalive: Keepalive;
  readonly #challenges: RateLimit;
  readonly #malformed: GatheredWarning;
  readonly #filter: OwnAccountFilter;
  readonly #messages: ServerMessages;
  readonly #listEnd = new SyncEnd();
  #connection: Connection | undefined;
  #closed: MsnError | undefined;
  /** Why the server ends the session, where it says so; the connection's own end would say less. */
  #endReason: MsnError | undefined;

  constructor(scope: SessionScope, owner: SessionOwner<NotificationClient>) {
    const { account, clock, dialect, listener } = scope;
    this.#scope = scope;
    this.#owner = owner;
    this.#keepalive = new Keepalive(clock, dialect.ping());
    this.#challenges = new RateLimit(clock, CHALLENGES);
    this.#malformed = new GatheredWarning(scope, "skipped what makes no sense");
    this.#filter = new OwnAccountFilter(account);
    this.#messages = new ServerMessages(scope, listener);
  }

  /**
   * Signs in, loads the lists and shows `status` to the contacts (docs/msnp.md 2 and 3.1).
   * @param address where to begin
   * @param ended aborted when signing in is given up
   * @returns the account's own display name, where the server sends it
   * @throws MsnError
   */
  async signIn(address: Address, status: Status, ended: AbortSignal): Promise<string | undefined> {
    const { dialect, tickets } = this.#scope;
    const { connection, answer } = await findNotificationServer(this.#scope, address, this, ended);
    const name =
      answer.type === "signed-in"
        ? answer.name
        : await askServer(connection, dialect.authenticate(await tickets.get(answer.policy, ended)));
    await this.#loadLists(connection);
    await this.changeStatus(status);
    // The session may have ended behind the last answer, in the same packet.
    this.#keepalive.start(this.#live());
    return name;
  }

  /** @throws MsnError */
  async changeStatus(status: Status): Promise<void> {
    await this.ask(this.#scope.dialect.showStatus(status));
  }

  /** Asks for something; what the answer says of contacts has been reported when this resolves. @throws MsnError */
  async ask<T>(request: ServerRequest<T>): Promise<T> {
    return askServer(this.#live(), request, this);
  }

  /** When the server was last heard; a moment of the clock. */
  get lastHeard(): number | undefined {
    return this.#connection?.lastHeard;
  }

  /** Asks for a new switchboard. @throws MsnError */
  async requestSwitchboard(): Promise<SwitchboardTicket> {
    return askServer(this.#live(), this.#scope.dialect.requestSwitchboard());
  }

  /** Pings the server and waits for the answer. @throws MsnError `timeout`, or why the session has ended */
  async ping(): Promise<void> {
    const connection = this.#live();
    const pong = Promise.withResolvers<void>();
    this.#keepalive.ping(connection, { onPong: pong.resolve });
    await withTimeout(connection.clock, PING_TIMEOUT_MS, pong.promise, late);
    this.#live();
  }

  /** Signs out and closes the connection. */
  signOut(): void {
    this.#connection?.send(this.#scope.dialect.signOut());
    this.close(new MsnError("connection-closed", "signed out"));
  }

  /** Ends the session. Those who wait on it are told `reason`. */
  close(reason: MsnError): void {
    this.#connection?.close(reason);
    // The connection may be that of a server that has referred us, and has ended long ago.
    this.onClose(reason);
  }

  onOpen(connection: Connection): void {
    this.#connection = connection;
    // Given up while the connection was being opened.
    if (this.#closed !== undefined) connection.close(this.#closed);
  }

  onCommand(command: Command): void {
    if (this.#scope.dialect.listCommands.has(command.name)) this.#listEnd.line();
    const said = this.#read(command);
    switch (said.type) {
      case "roster":
        return this.#applyChange(said.change);
      case "pong":
        return this.#keepalive.pong();
      case "challenge":
        return this.#answerChallenge(said.challenge);
      case "ring":
        return this.#scope.listener.onRing(said.ring);
      case "message":
        return this.#messages.take(said.from, said.name, said.payload);
      case "alert":
        return this.#messages.alert(said.payload);
      case "own-status":
        return this.#owner.onOwnStatus(said.status);
      case "own-name":
        return this.#owner.onOwnName(said.name);
      case "moved":
        this.#owner.onMoved(said.address);
        return this.#end(new MsnError("connection-closed", "the server sent us to another one"));
      case "ended":
        return this.#end(said.error);
      case "malformed":
        return this.#malformed.add({ command: command.name, problem: said.problem });
      case "other":
        return this.#scope.log.debug({ command: command.name }, "skipped a command of the notification server");
    }
  }

  /** What an answer says of contacts and ourselves is true whichever request it answers. */
  onAnswer(answer: Command): void {
    const said = this.#read(answer);
    if (said.type === "roster") this.#applyChange(said.change);
    else if (said.type === "own-status") this.#owner.onOwnStatus(said.status);
    else if (said.type === "own-name") this.#owner.onOwnName(said.name);
  }

  onClose(error: MsnError): void {
    if (this.#closed !== undefined) return;
    this.#closed = this.#endReason ?? error;
    this.#keepalive.stop();
    this.#listEnd.onPong();
    this.#owner.onClose(this, this.#closed);
  }

  #live(): Connection {
    if (this.#closed !== undefined) throw this.#closed;
    if (this.#connection === undefined) throw new MsnError("connection-closed", "not signed in");
    return this.#connection;
  }

  async #loadLists(connection: Connection): Promise<void> {
    const lists = this.ask(this.#scope.dialect.loadLists());
    this.#keepalive.ping(connection, this.#listEnd);
    await lists;
    await this.#listEnd.wait(connection.clock);
    this.#live();
  }

  #read(command: Command): ServerSaying {
    return this.#scope.dialect.read(command, this.#scope.roster);
  }

  #applyChange(change: RosterChange): void {
    if (this.#filter.passes(change)) this.#scope.roster.apply(change);
  }

  #answerChallenge(challenge: string): void {
    if (!this.#challenges.take()) throw new MsnError("protocol", "the server sends challenges without end");
    if (this.#connection === undefined) return;
    askServer(this.#connection, this.#scope.dialect.answerChallenge(challenge)).catch((error: unknown) => {
      this.#scope.log.debug({ error }, "the answer to a challenge was not acknowledged");
    });
  }

  #end(reason: MsnError): void {
    this.#endReason = reason;
    this.#connection?.close(reason);
  }
}
