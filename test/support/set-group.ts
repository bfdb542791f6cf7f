import { Conversation } from "../../src/msn/index.ts";
import { silentLog } from "../../src/util/log.ts";
import { FakeClock } from "./fake-clock.ts";

const unasked = (): never => {
  throw new Error("nothing is said");
};

/** A group in which those are who are said to be there, and into which all come who are called. */
export class SetGroup extends Conversation {
  /** Who was called. */
  readonly called: string[] = [];
  /** How often it was left. */
  left = 0;
  /** Why nobody can be called. */
  failure: Error | undefined;
  readonly #present: Set<string>;

  constructor(...present: string[]) {
    const scope = { account: "mia@example.com", clock: new FakeClock(), log: silentLog };
    const host = { openSwitchboard: unasked, onActivity: unasked, isTransferring: unasked };
    super(scope, host, { kind: "group", id: "met", people: present });
    this.#present = new Set(present);
  }

  override get present(): ReadonlySet<string> {
    return this.#present;
  }

  override invite(account: string): Promise<void> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    this.called.push(account);
    this.#present.add(account);
    return Promise.resolve();
  }

  override leave(): void {
    this.left += 1;
  }
}
