import type { Socket } from "node:net";

import { RateLimit } from "../../util/rate-limit.ts";
import { allows, type Account, type PhoneType, type SandboxStatus } from "../network/accounts.ts";
import type { SandboxSwitchboard } from "../network/switchboard.ts";
import { Challenges } from "./challenges.ts";
import { isTransaction, runCommand, type CommandTable } from "../wire/command-table.ts";
import { ClientConnection } from "../wire/client-connection.ts";
import type { SandboxNetwork, SandboxSession } from "../network/network.ts";
import type { Rates } from "../network/server-profile.ts";
import { encodeAddressBookNotice } from "./server-notices.ts";
import type { ClientCommand } from "../wire/wire.ts";

/** Commands that are looked at before the login; the others come too early. */
const BEFORE_LOGIN: ReadonlySet<string> = new Set(["VER", "CVR", "USR", "PNG", "OUT"]);

export interface NotificationSessionOptions {
  /** All that clients can ask for. */
  readonly commands: CommandTable<NotificationSession>;
  /** Where `USR I` is sent on to, as `host:port`, when this connection is for dispatch only. */
  readonly redirect?: string | undefined;
  readonly closed: (session: NotificationSession) => void;
}

/** One notification connection, from its first byte to its last. */
export class NotificationSession implements SandboxSession {
  readonly network: SandboxNetwork;
  readonly redirect: string | undefined;
  readonly #connection: ClientConnection;
  readonly #commands: CommandTable<NotificationSession>;
  #account: Account | undefined;
  #serial = 0;

  /** Set by VER, the first step. */
  hasDialect = false;
  /** Set by CVR. */
  hasClientVersion = false;
  /** The passport of `USR I`, as it was spelled there. */
  claimedPassport: string | undefined;
  hasSynchronised = false;
  status: SandboxStatus = "FLN";
  capabilities = "0";
  /** Undefined where the servers ask for nothing. */
  readonly challenges: Challenges | undefined;
  /** Undefined where the servers allow everything. */
  readonly limits: Readonly<Record<keyof Rates, RateLimit>> | undefined;

  constructor(socket: Socket, network: SandboxNetwork, options: NotificationSessionOptions) {
    this.network = network;
    this.redirect = options.redirect;
    this.#commands = options.commands;
    const { clock, profile } = network;
    this.limits = profile.rates && {
      transfer: new RateLimit(clock, profile.rates.transfer),
      status: new RateLimit(clock, profile.rates.status),
    };
    this.challenges = this.#createChallenges();
    this.#connection = new ClientConnection(
      socket,
      { clock, text: profile.text },
      {
        command: (command) => this.#run(command),
        closed: () => {
          this.challenges?.stop();
          if (this.#account !== undefined) network.signOut(this);
          options.closed(this);
        },
      },
    );
  }

  /** The account that is signed in here. */
  get account(): Account {
    if (this.#account === undefined) throw new Error("nobody has signed in here");
    return this.#account;
  }

  get isSignedIn(): boolean {
    return this.#account !== undefined && this.#connection.isOpen;
  }

  /** The server's end of the connection, as `host:port`. */
  get local(): string {
    return this.#connection.local;
  }

  get remote(): { address: string; port: number } {
    return this.#connection.remote;
  }

  signIn(account: Account): void {
    this.#account = account;
    this.network.signIn(this);
  }

  /** The list version after a change; counted by connection or by account. */
  nextVersion(): number {
    if (!this.network.profile.keepsVersions) {
      this.#serial += 1;
      return this.#serial;
    }
    this.account.listVersion += 1;
    return this.account.listVersion;
  }

  /** The version that a SYN with the version `asked` is answered with; the same one when the client has it already. */
  versionSince(asked: number): number {
    if (this.network.profile.keepsVersions) return this.account.listVersion;
    this.#serial = asked + 1;
    return this.#serial;
  }

  send(name: string, ...args: readonly (string | number | undefined)[]): void {
    this.#connection.send(name, ...args);
  }

  sendPayload(name: string, args: readonly (string | number)[], payload: Buffer): void {
    this.#connection.sendPayload(name, args, payload);
  }

  /** Sends an error reply, and closes if it is a fatal one. */
  refuse(code: number, transaction: string, then: "go on" | "close" = "go on"): void {
    this.send(String(code), transaction);
    if (then === "close") this.close();
  }

  complain(code: number, transaction: string | undefined, then?: "close"): void {
    if (this.network.profile.answersErrors && isTransaction(transaction)) this.refuse(code, transaction, then);
  }

  close(): void {
    this.#connection.close();
  }

  destroy(): void {
    this.#connection.destroy();
  }

  /** `NLN` or, as the answer to the transaction given, `ILN`. Nothing for the offline. */
  sendStatusOf(subject: Account, transaction: string): void {
    const status = this.network.statusSeenBy(this.account, subject);
    const session = this.network.sessionOf(subject);
    if (status === "FLN" || session === undefined) return;
    this.#learnName(subject);
    this.send("ILN", transaction, status, subject.passport, subject.name, session.capabilities);
  }

  presenceChanged(subject: Account, status: SandboxStatus): void {
    if (status === "FLN") {
      this.send("FLN", subject.passport);
      return;
    }
    this.#learnName(subject);
    const capabilities = status === "HDN" ? "0" : (this.network.sessionOf(subject)?.capabilities ?? "0");
    this.send("NLN", status, subject.passport, subject.name, capabilities);
  }

  phoneChanged(subject: Account, type: PhoneType): void {
    if (!allows(subject, this.account)) return;
    this.send("BPR", this.nextVersion(), subject.passport, type, subject.phones.get(type));
  }

  addedBy(other: Account): void {
    this.send("ADD", 0, "RL", this.nextVersion(), other.passport, other.name);
    this.#sendAddressBookNotice();
  }

  removedBy(other: Account): void {
    this.send("REM", 0, "RL", this.nextVersion(), other.passport);
    this.#sendAddressBookNotice();
  }

  ring(board: SandboxSwitchboard, caller: Account): void {
    const key = this.network.ringKeys.create({ account: this.account, board });
    this.send("RNG", board.id, this.network.switchboardAddress, "CKI", key, caller.passport, caller.name);
  }

  signedInElsewhere(): void {
    this.send("OUT", "OTH");
    this.close();
  }

  #createChallenges(): Challenges | undefined {
    const { clock, profile } = this.network;
    if (profile.challengeEveryMs === undefined) return undefined;
    return new Challenges({
      clock,
      everyMs: profile.challengeEveryMs,
      ask: (text) => this.send("CHL", 0, text),
      late: () => this.refuse(540, "0", "close"),
    });
  }

  #sendAddressBookNotice(): void {
    if (!this.network.profile.addressBookNotices) return;
    this.sendPayload("NOT", [], encodeAddressBookNotice(this.account.passport, this.network.calendar.now()));
  }

  // Names on the list are as old as the last status line (docs/msnp.md 8.1(10)).
  #learnName(subject: Account): void {
    const contact = this.account.contacts.get(subject);
    if (contact !== undefined) contact.name = subject.name;
  }

  #run(command: ClientCommand): void {
    if (!this.isSignedIn && !BEFORE_LOGIN.has(command.name)) this.complain(715, command.args[0], "close");
    else runCommand(this.#commands, this, command, this.network.log);
  }
}
