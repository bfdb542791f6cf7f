import { once } from "node:events";
import { createServer } from "node:net";

// Below the ports that systems give to outgoing connections, which come and go all the time: a port that is free now
// shall still be free when a server listens on it.
// Each process goes through a part of its own, because others may look at the same moment.
const [FIRST, PARTS, PART] = [15_000, 340, 50];
let next = 0;

/**
 * A port of 127.0.0.1 that is free now: the wanted one, or any.
 * @throws an Error with a sentence when the wanted one is taken
 */
export async function takePort(wanted?: number): Promise<number> {
  for (let left = wanted === undefined ? PART : 1; ; left -= 1) {
    const port = wanted ?? FIRST + (process.pid % PARTS) * PART + (next++ % PART);
    try {
      await tryPort(port);
      return port;
    } catch (error) {
      if (left > 1) continue;
      throw new Error(`Port ${port} of 127.0.0.1 cannot be used; is another program using it?`, { cause: error });
    }
  }
}

async function tryPort(port: number): Promise<void> {
  const server = createServer();
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  server.close();
  await once(server, "close");
}
