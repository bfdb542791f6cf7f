import type { SandboxQuestion } from "../../../src/sandbox/network/network.ts";
import type { NotificationSession } from "../../../src/sandbox/notification/notification-session.ts";
import { openSandbox, Sandbox, type SandboxOptions, type SandboxParts } from "../../../src/sandbox/sandbox.ts";
import { ScriptedContact } from "./scripted-contact.ts";

export type { ReceivedText } from "../../../src/sandbox/contact/received-text.ts";
export { ScriptedContact } from "./scripted-contact.ts";
export type { SandboxOptions };

/** Something that a server in trouble does not answer. */
export type Stall = "acknowledgements" | "logins" | "farewells";

const STALLS: Readonly<Record<SandboxQuestion, Stall>> = {
  message: "acknowledgements",
  login: "logins",
  farewell: "farewells",
};

/** The sandbox with a look inside, and with what servers do when they are in trouble. */
export class TestSandbox extends Sandbox<ScriptedContact> {
  readonly #stalls: Set<Stall>;
  readonly #unanswered: SandboxQuestion[];

  private constructor(parts: SandboxParts, stalls: Set<Stall>, unanswered: SandboxQuestion[]) {
    super(parts, (network, account) => new ScriptedContact(network, account));
    this.#stalls = stalls;
    this.#unanswered = unanswered;
  }

  /** @throws Error as `Sandbox.start` does */
  static override async start(options: SandboxOptions = {}): Promise<TestSandbox> {
    const stalls = new Set<Stall>();
    const unanswered: SandboxQuestion[] = [];
    const answers = (question: SandboxQuestion): boolean => {
      const isAnswered = !stalls.has(STALLS[question]);
      if (!isAnswered) unanswered.push(question);
      return isAnswered;
    };
    return new TestSandbox(await openSandbox({ answers, ...options }), stalls, unanswered);
  }

  /** How many live notification connections the account has signed in on. */
  sessions(passport: string): number {
    return this.#sessionsOf(passport).length;
  }

  /** What the account has set: its status, `HDN` included, and its name. */
  shown(passport: string): { status: string; name: string } {
    const { network } = this.parts;
    const account = network.accounts.get(passport);
    return { status: network.statusOf(account), name: network.profile.text.toPlain(account.name) };
  }

  /** How many live switchboards there are. */
  boards(): number {
    return this.parts.network.boards.size;
  }

  /** Destroys the notification connection of the account. */
  disconnect(passport: string): void {
    for (const session of this.#sessionsOf(passport)) session.destroy();
  }

  /** Sends a command with a payload on the notification connection of the account, without a look at it. */
  announce(passport: string, name: string, args: readonly string[], payload: Buffer): void {
    for (const session of this.#sessionsOf(passport)) session.sendPayload(name, args, payload);
  }

  /** From now on it says that its switchboards are at that address. */
  moveSwitchboards(address: string): void {
    this.parts.network.switchboardAddress = address;
  }

  /** Destroys every switchboard connection without a word. */
  closeBoards(): void {
    this.parts.switchboards.dropSockets();
  }

  /** From now on the server answers something no more, or does again. */
  stall(what: Stall, isStalled: boolean): void {
    if (isStalled) this.#stalls.add(what);
    else this.#stalls.delete(what);
  }

  /** How many passwords were never answered, because of a stall. */
  get stalledLogins(): number {
    return this.#unanswered.filter((question) => question === "login").length;
  }

  #sessionsOf(passport: string): NotificationSession[] {
    const { network, sessions } = this.parts;
    const account = network.accounts.find(passport);
    return [...sessions].filter((session) => session.isSignedIn && session.account === account);
  }
}
