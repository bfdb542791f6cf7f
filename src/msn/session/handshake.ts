import type { Introduction } from "../dialect/dialect.ts";
import type { ServerRequest } from "../dialect/server-request.ts";
import type { AnswerListener, Connection } from "../net/connection.ts";
import type { SessionScope } from "./session-scope.ts";

/**
 * Asks a server for something.
 * @param listener hears the answer before any later command is read
 * @throws MsnError
 */
export async function askServer<T>(
  connection: Connection,
  request: ServerRequest<T>,
  listener?: AnswerListener,
): Promise<T> {
  const { name, args, payload, answers } = request;
  const options = { ...(payload && { payload }), ...(answers && { answers }), ...(listener && { listener }) };
  return request.read(await connection.request(name, args, options));
}

/**
 * The first half of signing in (docs/msnp.md 2.2-2.4).
 * @returns another server to go to, the policy with which a ticket is asked for, or that no ticket is needed
 * @throws MsnError
 */
export async function introduce(
  connection: Connection,
  { account, dialect }: Pick<SessionScope, "account" | "dialect">,
): Promise<Introduction> {
  await askServer(connection, dialect.offer());
  await askServer(connection, dialect.introduceClient(account));
  return askServer(connection, dialect.introduceAccount(account));
}
