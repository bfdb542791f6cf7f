import { existsSync } from "node:fs";
import { openDatabase } from "./database.ts";
import { isDiskFull, noRoom, StoreError } from "./errors.ts";
import { checkReplaceable, makeKeyFile, nextKeyFile, replaceKeyFile } from "./key-file.ts";
import { reseal } from "./reseal.ts";
import { Seal } from "./seal.ts";
import { unlock } from "./unlock.ts";

/**
 * Seals everything in a database with a new key, which replaces the one in its file. No bridge may run.
 *
 * ```
 *   the new key is on disk beside the old one ─► everything is sealed with it, one commit ─► it takes the old one's name
 * ```
 *
 * Cut off anywhere, the next start finds by the database which of the two keys is the right one (`unlock`).
 * @returns what was done and what is left to do, for the admin
 * @throws StoreError when that cannot be done; the old key is still the right one then, unless the disk failed
 */
export function rotateKey({ uri, key_file: keyFile }: { readonly uri: string; readonly key_file: string }): string {
  if (!existsSync(uri)) {
    throw new StoreError("unreadable", `There is no database ${uri}, so there is no key to be changed.`);
  }
  const database = openDatabase(uri);
  try {
    const old = unlock(database, keyFile);
    checkReplaceable(keyFile);
    const next = nextKeyFile(keyFile);
    const seal = new Seal(makeKeyFile(next));
    const lost = reseal(database, seal, (sealed, place) => old.open(sealed, place));
    // What the old key opens would stay in the log.
    database.emptyLog();
    replaceKeyFile(next, keyFile);
    return words(keyFile, lost);
  } catch (error) {
    throw isDiskFull(error) ? noRoom(uri, error) : error;
  } finally {
    database.close();
  }
}

function words(keyFile: string, lost: number): string {
  const done =
    `There is a new key in ${keyFile}, and everything in the database is sealed with it. Copy both now, to different places: ` +
    "older copies of the database open only with the old key. Delete those copies, and the old key, once you do not need them.";
  if (lost === 0) return done;
  return `${done} Damaged values that the old key did not open were left as they are: ${lost}.`;
}
