import type { Address } from "../base/address.ts";
import { MsnError } from "../base/errors.ts";
import type { Introduction } from "../dialect/dialect.ts";
import type { Connection, ConnectionListener } from "../net/connection.ts";
import type { Command } from "../wire/command.ts";
import { introduce } from "./handshake.ts";
import type { SessionScope } from "./session-scope.ts";

/** Whose connection is looked for. It gets the commands of the one on which the session will be. */
export interface DispatchListener extends ConnectionListener {
  /** A connection was opened, which is to be closed when signing in is given up. */
  onOpen(connection: Connection): void;
}

// docs/msnp.md 2.4: referrals that go in circles must end.
const MAX_REFERRALS = 5;

/**
 * Finds the notification server: connects to `address`, introduces the account, and goes where it is referred to.
 * @param ended aborted when signing in is given up
 * @returns the connection of the session, and how the server there answered
 * @throws MsnError
 */
export async function findNotificationServer(
  scope: SessionScope,
  start: Address,
  listener: DispatchListener,
  ended: AbortSignal,
): Promise<{ connection: Connection; answer: Exclude<Introduction, { type: "referral" }> }> {
  let address = start;
  for (let referrals = 0; referrals <= MAX_REFERRALS; referrals += 1) {
    const connection = await scope.opener.open(address, ended);
    listener.onOpen(connection);
    const relay = new Relay(listener);
    connection.listen(relay);
    const answer = await introduce(connection, scope);
    if (answer.type !== "referral") {
      relay.settle();
      return { connection, answer };
    }
    connection.close();
    address = answer.address;
  }
  throw new MsnError("protocol", "the servers referred us to one another without end");
}

/**
 * Passes commands on. The end of the connection is kept back until this is known to be the connection of the session:
 * a server that only refers may close at once, and the caller that waits for its answer hears of any other end anyway.
 */
class Relay implements ConnectionListener {
  readonly #target: ConnectionListener;
  #isSettled = false;
  #end: MsnError | undefined;

  constructor(target: ConnectionListener) {
    this.#target = target;
  }

  /** The session will be on this connection. */
  settle(): void {
    this.#isSettled = true;
    if (this.#end !== undefined) this.#target.onClose(this.#end);
  }

  onCommand(command: Command): void {
    this.#target.onCommand(command);
  }

  onClose(error: MsnError): void {
    this.#end = error;
    if (this.#isSettled) this.#target.onClose(error);
  }
}
