import type { Socket } from "node:net";

import type { Account } from "../network/accounts.ts";
import { SandboxSwitchboard, type SwitchboardMember } from "../network/switchboard.ts";
import { isTransaction, runCommand, type CommandTable } from "../wire/command-table.ts";
import { ClientConnection } from "../wire/client-connection.ts";
import { isAckLetter } from "../wire/message.ts";
import type { SandboxNetwork } from "../network/network.ts";
import type { ClientCommand } from "../wire/wire.ts";

const TIME_TO_AUTHENTICATE = 60_000;

const COMMANDS: CommandTable<SwitchboardSession> = {
  USR: { least: 3, most: 3, run: (session, args) => session.start(args) },
  ANS: { least: 4, most: 4, run: (session, args) => session.answer(args) },
  CAL: { least: 2, most: 2, run: (session, args) => session.call(args) },
  MSG: { least: 2, most: 2, run: (session, args, payload) => session.say(args, payload) },
  OUT: { least: 0, most: 0, run: (session) => session.leave() },
};

/** One switchboard connection: a seat on a board, once the key was shown. */
export class SwitchboardSession {
  readonly #network: SandboxNetwork;
  readonly #connection: ClientConnection;
  #seat: { readonly board: SandboxSwitchboard; readonly member: SwitchboardMember } | undefined;

  constructor(socket: Socket, network: SandboxNetwork) {
    this.#network = network;
    const patience = network.clock.after(TIME_TO_AUTHENTICATE, () => {
      if (this.#seat === undefined) this.#connection.destroy();
    });
    this.#connection = new ClientConnection(
      socket,
      { clock: network.clock, text: network.profile.text },
      {
        command: (command) => this.#run(command),
        closed: () => {
          patience.cancel();
          this.#seat?.board.leave(this.#seat.member);
        },
      },
    );
  }

  /** `USR t account key`: a new board. */
  start([transaction = "", passport, key = ""]: readonly string[]): void {
    if (this.#seat !== undefined) {
      this.complain(715, transaction);
      return;
    }
    const account = this.#network.transferKeys.take(key);
    if (account === undefined || account.passport !== passport) {
      this.#refuse(transaction);
      return;
    }
    this.#sit(new SandboxSwitchboard(this.#network), account);
    this.#connection.send("USR", transaction, "OK", account.passport, account.name);
  }

  /** `ANS t account key session`: the board one was rung for. The key is spent whatever comes of it. */
  answer([transaction = "", passport, key = "", id]: readonly string[]): void {
    if (this.#seat !== undefined) {
      this.complain(715, transaction);
      return;
    }
    const invitation = this.#network.ringKeys.take(key);
    if (invitation === undefined || invitation.account.passport !== passport) {
      this.#refuse(transaction);
      return;
    }
    const { account, board } = invitation;
    if (board.id !== id) {
      this.close();
      return;
    }
    this.#sit(board, account);
    const others = board.others(account);
    for (const [at, other] of others.entries()) {
      this.#connection.send("IRO", transaction, at + 1, others.length, other.passport, other.name);
    }
    this.#connection.send("ANS", transaction, "OK");
  }

  call([transaction = "", passport = ""]: readonly string[]): void {
    if (this.#seat === undefined) {
      this.complain(715, transaction);
      return;
    }
    const { board, member } = this.#seat;
    const refusal = board.call(member.account, passport);
    if (refusal === undefined) this.#connection.send("CAL", transaction, "RINGING", board.id);
    else this.#connection.send(String(refusal), transaction);
  }

  say([transaction = "", ack = ""]: readonly string[], payload: Buffer): void {
    if (this.#seat === undefined) {
      this.complain(715, transaction);
      return;
    }
    const { profile } = this.#network;
    const verdict = profile.judge(ack, payload);
    if (verdict === "close") this.close();
    if (verdict !== "relay" || !isAckLetter(ack)) return;
    const { board, member } = this.#seat;
    const listeners = board.relay(member.account, payload);
    const reply = profile.messageReply(ack, listeners);
    if (reply !== undefined && this.#network.answers("message")) this.#connection.send(reply, transaction);
  }

  complain(code: number, transaction: string | undefined): void {
    if (this.#network.profile.answersErrors && isTransaction(transaction))
      this.#connection.send(String(code), transaction);
  }

  leave(): void {
    if (this.#network.answers("farewell")) this.close();
  }

  close(): void {
    this.#connection.close();
  }

  #refuse(transaction: string): void {
    this.#connection.send("911", transaction);
    this.close();
  }

  #sit(board: SandboxSwitchboard, account: Account): void {
    const connection = this.#connection;
    const member: SwitchboardMember = {
      account,
      joined: (other) => connection.send("JOI", other.passport, other.name),
      left: (other, why) => connection.send("BYE", other.passport, why === "idle" ? 1 : undefined),
      message: (from, payload) => connection.sendPayload("MSG", [from.passport, from.name], payload),
      dismissed: () => connection.close(),
    };
    this.#seat = { board, member };
    board.join(member);
  }

  #run(command: ClientCommand): void {
    runCommand(COMMANDS, this, command, this.#network.log);
  }
}
