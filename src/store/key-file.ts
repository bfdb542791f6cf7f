import { randomBytes } from "node:crypto";
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  fsyncSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { isForWantOfRoom, StoreError } from "./errors.ts";
import { KEY_BYTES } from "./seal.ts";

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY } = constants;

/**
 * The key in the file at `path`; undefined where there is none.
 * @throws StoreError `bad-key` when it cannot be read, is a link, or holds anything but a key
 */
export function readKeyFile(path: string): Buffer | undefined {
  return explained(path, () => {
    if (!isThere(path)) return undefined;
    // A named pipe would keep us waiting for ever.
    const file = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    try {
      const found = fstatSync(file);
      if (!found.isFile()) throw new StoreError("bad-key", `The key file ${path} is not a file: ${ADVICE}.`);
      const key = found.size === KEY_BYTES ? readFileSync(file) : undefined;
      if (key?.length === KEY_BYTES) return key;
      throw new StoreError(
        "bad-key",
        `The key file ${path} does not hold a key, which would be ${KEY_BYTES} bytes: bring back a copy of the right file.`,
      );
    } finally {
      closeSync(file);
    }
  });
}

/**
 * Writes a new key to `path`, where nothing may be. It is on the disk, whole, before it gets its name: half a key would lose
 * what is sealed with it.
 * @throws StoreError `bad-key`, or `disk-full` when there is no room for it
 */
export function makeKeyFile(path: string): Buffer {
  return explained(path, () => {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    if (isThere(path)) throw new StoreError("bad-key", `There is a key file ${path} already: ${ADVICE}.`);
    const key = randomBytes(KEY_BYTES);
    const unfinished = unfinishedFile(path);
    // From a run that was cut off. What a link leads to stays.
    rmSync(unfinished, { force: true });
    const file = openSync(unfinished, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
    try {
      fchmodSync(file, 0o600);
      // Unlike `writeSync` it ends with all of it, or throws.
      writeFileSync(file, key);
      fsyncSync(file);
    } catch (error) {
      rmSync(unfinished, { force: true });
      throw error;
    } finally {
      closeSync(file);
    }
    renameDurably(unfinished, path);
    return key;
  });
}

/**
 * Finds out beforehand whether another file can take the name of the key file: not where it is mounted by itself, as
 * containers do, and the database would already be sealed with the other key.
 * @throws StoreError `bad-key`
 */
export function checkReplaceable(path: string): void {
  explained(path, () => {
    const probe = unfinishedFile(nextKeyFile(path));
    rmSync(probe, { force: true });
    try {
      // The one thing that tells a mounted file from others, and changes nothing (link(2)).
      linkSync(path, probe);
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "EXDEV") {
        const words = `The key file ${path} is mounted by itself, so no other can take its place: mount its folder instead.`;
        throw new StoreError("bad-key", words, { cause: error });
      }
      // Some file systems have no hard links.
    } finally {
      rmSync(probe, { force: true });
    }
  });
}

/** Where the key is kept that is to replace the one in `keyFile`, until everything is sealed with it. */
export function nextKeyFile(keyFile: string): string {
  return `${keyFile}.next`;
}

function unfinishedFile(path: string): string {
  return `${path}.new`;
}

/** Puts a key file in the place of another. @throws StoreError `bad-key` */
export function replaceKeyFile(from: string, to: string): void {
  explained(to, () => renameDurably(from, to));
}

/** @throws StoreError `bad-key` */
export function removeKeyFile(path: string): void {
  explained(path, () => rmSync(path));
}

function renameDurably(from: string, to: string): void {
  renameSync(from, to);
  const folder = openSync(dirname(to), "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/** Whether there is anything, be it a link that leads nowhere. */
function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

const ADVICE = "set database.key_file to where the key itself lies or is to lie";

function explained<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof StoreError) throw error;
    if (isForWantOfRoom(error)) {
      const words = `The disk has no room for the key file ${path}. Free some space, then start the bridge again.`;
      throw new StoreError("disk-full", words, { cause: error });
    }
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    // What open(2) says of a link that may not be followed; FreeBSD says EMLINK.
    if (code === "ELOOP" || code === "EMLINK") {
      throw new StoreError("bad-key", `The key file ${path} is a link, and is not followed: ${ADVICE}.`, {
        cause: error,
      });
    }
    const reason = error instanceof Error ? error.message : String(error);
    throw new StoreError("bad-key", `The key file ${path} cannot be read or made: ${reason}.`, { cause: error });
  }
}
