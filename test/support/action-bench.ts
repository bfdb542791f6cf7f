import { signIn } from "../../src/bridge/actions/sign-in.ts";
import type { AdminScope } from "../../src/bridge/actions/stats.ts";
import type { Login } from "../../src/bridge/login/login.ts";
import { Logins } from "../../src/bridge/login/logins.ts";
import type { NewSession } from "../../src/bridge/login/new-session.ts";
import { SignOuts } from "../../src/bridge/login/sign-outs.ts";
import type { BridgeScope } from "../../src/bridge/scope/bridge-scope.ts";
import type { Network } from "../../src/bridge/session/session.ts";
import { bridgeScope, testNetwork, ToldNotices } from "./scopes.ts";
import { TestSandbox } from "./sandbox/test-sandbox.ts";

export const MIA = { passport: "mia@example.com", password: "secret" };
export const EVA = { passport: "eva@example.com", password: "other" };
export const NILS = "nils@example.com";
export const OLGA = "olga@example.com";
export const ALICE = "@alice:localhost";
export const BOB = "@bob:localhost";

/** What is never aborted. */
export const { signal: UNTIL_DONE } = new AbortController();

/** The logins of a bridge without a bot, and the server that they sign in to. */
export class ActionBench {
  readonly sandbox: TestSandbox;
  readonly scope: BridgeScope;
  readonly network: Network;
  readonly logins: Logins;
  readonly admin: AdminScope;
  readonly notices = new ToldNotices();

  private constructor(sandbox: TestSandbox, parts: Partial<BridgeScope>) {
    const { host, port, nexusUrl } = sandbox;
    this.sandbox = sandbox;
    this.network = testNetwork({ host, port, nexusUrl });
    this.scope = bridgeScope({ ...parts, notices: this.notices });
    this.logins = new Logins(this.scope, [this.network]);
    this.admin = { bridge: this.scope, logins: this.logins, startedAt: this.scope.clock.now() };
  }

  static async open(parts: Partial<BridgeScope> = {}): Promise<ActionBench> {
    return new ActionBench(await TestSandbox.start({ accounts: [MIA, EVA] }), parts);
  }

  /** What somebody asks for who wants to be signed in. */
  wish(more: Partial<NewSession> = {}): NewSession {
    return { owner: ALICE, network: this.network, ...MIA, ...more };
  }

  /** Signs an account in. */
  async login(more: Partial<NewSession> = {}): Promise<Login> {
    const wish = this.wish(more);
    const { type } = await signIn(this.logins, wish, UNTIL_DONE);
    const login = this.logins.of(wish.owner).find(({ row }) => row.passport === wish.passport);
    if (login === undefined || type !== "signed-in") throw new Error(`${wish.passport} is not signed in: ${type}`);
    return login;
  }

  async close(): Promise<void> {
    const signOuts = new SignOuts(this.scope, this.logins);
    await signOuts.finish();
    await signOuts.disconnect();
    await this.sandbox.stop();
  }
}
