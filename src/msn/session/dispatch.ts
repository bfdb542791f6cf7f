import type { Dialect } from "../dialect/dialect.ts";
import { MsnError } from "../base/errors.ts";
import { introduce, type Introduction } from "./handshake.ts";
import type { Connection, ConnectionListener } from "../net/connection.ts";
import type { Address } from "../net/dial.ts";

export interface DispatchOptions {
  readonly address: Address;
  readonly account: string;
  readonly dialect: Dialect;
  readonly open: (address: Address) => Promise<Connection>;
  /** Gets the commands of the connection on which the session will be. */
  readonly listener: ConnectionListener;
  /** Told of every connection that is opened, so that the caller can close it when she gives up. */
  readonly onOpen: (connection: Connection) => void;
}

// docs/msnp.md 2.4: referrals that go in circles must end.
const MAX_REFERRALS = 5;

/**
 * Finds the notification server: connects to `address`, introduces the account, and goes where it is referred to.
 * @returns the connection of the session, and how the server there answered
 * @throws MsnError
 */
export async function findNotificationServer(
  options: DispatchOptions,
): Promise<{ connection: Connection; answer: Exclude<Introduction, { type: "referral" }> }> {
  let address = options.address;
  for (let referrals = 0; referrals <= MAX_REFERRALS; referrals += 1) {
    const connection = await options.open(address);
    options.onOpen(connection);
    const relay = new Relay(options.listener);
    connection.listen(relay);
    const answer = await introduce(connection, options.dialect, options.account);
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
 * a server that only refers may close at once, and whoever waits for its answer hears of any other end anyway.
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

  onCommand(command: Parameters<ConnectionListener["onCommand"]>[0]): void {
    this.#target.onCommand(command);
  }

  onClose(error: MsnError): void {
    this.#end = error;
    if (this.#isSettled) this.#target.onClose(error);
  }
}
