import type { AdminScope } from "../bridge/actions/stats.ts";
import type { CommandRequest } from "../bridge/from-matrix/command-request.ts";
import type { Login } from "../bridge/login/login.ts";
import type { Logins } from "../bridge/login/logins.ts";
import type { Portal } from "../bridge/portal/portal.ts";
import type { Calendar } from "../util/calendar.ts";
import type { UserError } from "./errors.ts";
import type { SecretKind } from "./say/secret.ts";
import { refuseInCompany, removeSecret } from "./secret.ts";

/** One command, or one answer to a question, that is being worked on: whose it is, and how far it has come. */
export class CommandContext {
  readonly logins: Logins;
  /** What admins work on. */
  readonly scope: AdminScope;
  readonly #request: CommandRequest;
  readonly #controller = new AbortController();
  #isCommitted = false;

  constructor(scope: AdminScope, request: CommandRequest) {
    this.scope = scope;
    this.logins = scope.logins;
    this.#request = request;
  }

  get sender(): string {
    return this.#request.sender;
  }

  /** Makes dates of moments of the clock. */
  get calendar(): Calendar {
    return this.scope.bridge.calendar;
  }

  /** When it was said. */
  get now(): number {
    return this.#request.now;
  }

  /** The chat in which it was said, if it was not said to the bot. */
  get portal(): Portal | undefined {
    return this.#request.room.portal;
  }

  get isAdmin(): boolean {
    return this.scope.bridge.permissions.levelOf(this.sender) === "admin";
  }

  /** The logins of the user. */
  get mine(): Login[] {
    return this.logins.of(this.sender);
  }

  /** Aborted by `cancel`; what was begun is then undone. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** It goes on to its end, whatever the user says. */
  get isCommitted(): boolean {
    return this.#isCommitted;
  }

  /** From now on it can no longer be cancelled. @throws the reason if it has been */
  commit(): void {
    this.signal.throwIfAborted();
    this.#isCommitted = true;
  }

  cancel(reason: UserError): void {
    this.#controller.abort(reason);
  }

  /**
   * Removes what was said, which has a secret in it, and goes on only where no other user reads.
   * @returns what became of the message, as a sentence
   * @throws FinalError; the signal's reason
   */
  async takeSecret(kind: SecretKind): Promise<string> {
    const redaction = await this.removeSecret(kind);
    await this.refuseInCompany(kind, redaction);
    return redaction;
  }

  /** Removes what was said, for it has a secret in it. @throws the signal's reason */
  async removeSecret(kind: SecretKind): Promise<string> {
    const redaction = await removeSecret(this.#request.room, kind);
    this.signal.throwIfAborted();
    return redaction;
  }

  /** @throws FinalError where others read */
  async refuseInCompany(kind: SecretKind, redaction = ""): Promise<void> {
    await refuseInCompany(this.#request.room, kind, redaction);
  }
}
