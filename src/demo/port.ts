import { once } from "node:events";
import { createServer } from "node:net";

/**
 * A port of 127.0.0.1 that is free now: the wanted one, or any.
 * @throws an Error with a sentence when the wanted one is taken
 */
export async function takePort(wanted = 0): Promise<number> {
  const server = createServer();
  server.listen(wanted, "127.0.0.1");
  try {
    await once(server, "listening");
  } catch (error) {
    throw new Error(`Port ${wanted} of 127.0.0.1 cannot be used; is another program using it?`, { cause: error });
  }
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("the system gave no port");
  return address.port;
}
