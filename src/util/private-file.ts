import { chmodSync, statSync } from "node:fs";

/** Others can read or change a file with secrets, and that cannot be ended. The message is a sentence for the admin. */
export class PrivacyError extends Error {
  override readonly name = "PrivacyError";
}

const RIGHTS = 0o777;
const OWNER_ALONE = 0o600;
// Another program, which is given the file by its group, reads it as well.
const GROUP_READS = 0o640;
// The file of another user, an admin for instance, is given to us by its group.
const GROUP_WRITES = 0o660;
const ADVICE = "move it to where only this user can read it, or take these rights away yourself";

/**
 * Takes the rights of others away from a file, or from what a link leads to; does nothing where there is no file.
 * @param what names it at the beginning of a sentence, such as "The key file"
 * @param isShared whether a program in the file's group may read it, as the homeserver does
 * @returns what was done, a sentence; undefined where nothing had to be
 * @throws PrivacyError where others keep their rights
 */
export function keepPrivate(what: string, path: string, isShared = false): string | undefined {
  const file = statSync(path, { throwIfNoEntry: false });
  const user = process.getuid?.();
  // On Windows a mode says nothing about others.
  if (file?.isFile() !== true || user === undefined) return undefined;
  const isOurs = file.uid === user;
  const allowed = isOurs ? (isShared ? GROUP_READS : OWNER_ALONE) : GROUP_WRITES;
  const [before, after] = [file.mode & RIGHTS, file.mode & allowed];
  if (before === after) return undefined;
  const words = `${what} ${path} was open to other users of this machine (mode ${octal(before)})`;
  if (!isOurs && user !== 0) throw new PrivacyError(`${words}, and belongs to another user: ${ADVICE}.`);
  try {
    chmodSync(path, after);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new PrivacyError(`${words}, which cannot be changed (${reason}): ${ADVICE}.`, { cause: error });
  }
  // Some file systems accept a mode and keep their own.
  if ((statSync(path).mode & RIGHTS & ~allowed) !== 0) {
    throw new PrivacyError(`${words}, and its file system keeps it so: ${ADVICE}.`);
  }
  return `${words}; its mode is ${octal(after)} now.`;
}

function octal(mode: number): string {
  return mode.toString(8).padStart(3, "0");
}
