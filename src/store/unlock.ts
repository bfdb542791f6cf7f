import type { Database } from "./database.ts";
import { StoreError } from "./errors.ts";
import { makeKeyFile, nextKeyFile, readKeyFile, removeKeyFile, replaceKeyFile } from "./key-file.ts";
import { Meta } from "./meta.ts";
import { bindToPlaces } from "./reseal.ts";
import { Seal } from "./seal.ts";

/**
 * The seal of the key in `keyFile`, which is the database's; a new database is given one.
 * @throws StoreError `no-key`, `wrong-key`, `bad-key` or `disk-full`
 */
export function unlock(database: Database, keyFile: string): Seal {
  const meta = new Meta(database);
  endRotation(meta, keyFile);
  const found = readKeyFile(keyFile);
  // A new key would open nothing of what is there.
  if (found === undefined && meta.hasKey) {
    throw new StoreError(
      "no-key",
      `There is no key file ${keyFile}, but the database holds passwords and messages that only its key can open: ` +
        "bring back a copy of it, or set database.key_file to where it is.",
    );
  }
  const seal = new Seal(found ?? makeKeyFile(keyFile));
  const fit = meta.fit(seal);
  if (fit === "wrong") {
    throw new StoreError(
      "wrong-key",
      "The key file does not belong to this database: its passwords and messages cannot be opened with it. " +
        "Bring back the copies of both that were made together.",
    );
  }
  if (fit !== "right") bindToPlaces(database, seal);
  return seal;
}

/** Brings to its end a change of the key that was cut off: the database says which of both keys is its own. */
function endRotation(meta: Meta, keyFile: string): void {
  const next = nextKeyFile(keyFile);
  const found = meta.hasKey ? readKeyFile(next) : undefined;
  if (found === undefined) return;
  if (meta.fit(new Seal(found)) === "right") replaceKeyFile(next, keyFile);
  else {
    const key = readKeyFile(keyFile);
    // Where neither is the right one, both stay for whoever looks for it.
    if (key !== undefined && meta.fit(new Seal(key)) !== "wrong") removeKeyFile(next);
  }
}
