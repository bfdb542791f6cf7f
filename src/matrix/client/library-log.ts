import { Writable } from "node:stream";
import { Logger } from "matrix-appservice-bridge";
import type { Log } from "../../util/log.ts";

/**
 * Sends what the bridge library and the bot SDK have to say into our log, as debug lines: a failed request comes back
 * to the caller as an error, so here it is never news. Their loggers exist once in the process: the last call counts.
 */
export function routeLibraryLog(log: Log): void {
  const lines = new Writable({
    decodeStrings: false,
    write(line: string | Buffer, _encoding, done) {
      log.debug({ library: String(line).trimEnd() }, "from the bridge library");
      done();
    },
  });
  Logger.root.configureLogging({ json: true }, lines);
}
