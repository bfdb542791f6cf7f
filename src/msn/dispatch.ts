import type { Dialect } from "./dialect/dialect.ts";
import { MsnError } from "./errors.ts";
import { introduce } from "./handshake.ts";
import type { Connection, ConnectionListener } from "./net/connection.ts";
import type { Address } from "./net/dial.ts";

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
 * @returns the connection on which the ticket is to be shown, and the policy to get it with
 * @throws MsnError
 */
export async function findNotificationServer(
  options: DispatchOptions,
): Promise<{ connection: Connection; policy: string }> {
  let address = options.address;
  for (let referrals = 0; referrals <= MAX_REFERRALS; referrals += 1) {
    const connection = await options.open(address);
    options.onOpen(connection);
    const relay = new Relay(options.listener);
    connection.listen(relay);
    const answer = await introduce(connection, options.dialect, options.account);
    if (answer.type === "challenge") return { connection, policy: answer.policy };
    relay.target = undefined;
    connection.close();
    address = answer.address;
  }
  throw new MsnError("protocol", "the servers referred us to one another without end");
}

/** Passes commands on until the connection turns out to be one that only refers; its end is then nobody's concern. */
class Relay implements ConnectionListener {
  target: ConnectionListener | undefined;

  constructor(target: ConnectionListener) {
    this.target = target;
  }

  onCommand(command: Parameters<ConnectionListener["onCommand"]>[0]): void {
    this.target?.onCommand(command);
  }

  onClose(error: MsnError): void {
    this.target?.onClose(error);
  }
}
