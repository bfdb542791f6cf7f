import { existsSync } from "node:fs";
import type { Clock } from "../util/clock.ts";
import { openDatabase, type Database } from "./database.ts";
import { Disk } from "./disk.ts";
import { Edits } from "./edits.ts";
import { isDiskFull, noRoom, StoreError } from "./errors.ts";
import { GhostRooms } from "./ghost-rooms.ts";
import { Ghosts } from "./ghosts.ts";
import { Journal } from "./journal.ts";
import { Logins } from "./logins.ts";
import { ManagementRooms } from "./management-rooms.ts";
import { Meta } from "./meta.ts";
import { NoticeEvents } from "./notice-events.ts";
import { Notices } from "./notices.ts";
import { Parts } from "./parts.ts";
import { PortalMembers } from "./portal-members.ts";
import { Portals } from "./portals.ts";
import { Puppets } from "./puppets.ts";
import { Reserve } from "./reserve.ts";
import { Run } from "./run.ts";
import { Said } from "./said.ts";
import { openKeyFile, type Seal } from "./seal.ts";
import { Spaces } from "./spaces.ts";
import { Transfers } from "./transfers.ts";

export interface StoreOptions {
  /** The database file, or ":memory:". */
  path: string;
  /** The file with the key that seals passwords and messages. */
  keyFile: string;
  clock: Clock;
  /** How much room to keep on the disk for when it is full, in bytes; none if not given. */
  reserveBytes?: number;
  /** Whether what is written outlives a power cut, and not only the process; so it is if not given. */
  isDurable?: boolean;
}

/** Everything that the bridge keeps on disk. */
export interface Store {
  readonly logins: Logins;
  readonly ghosts: Ghosts;
  readonly ghostRooms: GhostRooms;
  readonly portals: Portals;
  readonly portalMembers: PortalMembers;
  readonly managementRooms: ManagementRooms;
  readonly journal: Journal;
  readonly edits: Edits;
  readonly parts: Parts;
  readonly said: Said;
  readonly notices: Notices;
  readonly noticeEvents: NoticeEvents;
  readonly puppets: Puppets;
  readonly spaces: Spaces;
  readonly run: Run;
  readonly transfers: Transfers;
  readonly disk: Disk;
  /** What signs links to files; the same as long as the database lives. */
  readonly linkSecret: string;
  /** Does work that writes to the disk in one commit, which costs as much as one alone. Errors undo all of it. */
  batch(work: () => void): void;
  /** Ends the use of the store; nothing of it may be called afterwards, except this once more. */
  close(): void;
}

/**
 * Opens the database with its key, for this process alone; makes both where there are none.
 * @throws StoreError when either cannot be used, or they do not belong together
 */
export function openStore({ path, keyFile, clock, reserveBytes, isDurable = true }: StoreOptions): Store {
  const disk = new Disk(path, reserveBytes === undefined ? undefined : new Reserve(`${path}.reserve`, reserveBytes));
  const database = openDatabase(path, disk, isDurable);
  try {
    const seal = unlock(database, keyFile);
    if (!disk.recover()) new Meta(database).probe();
    return {
      logins: new Logins(database, seal),
      ghosts: new Ghosts(database),
      ghostRooms: new GhostRooms(database),
      portals: new Portals(database, clock),
      portalMembers: new PortalMembers(database),
      managementRooms: new ManagementRooms(database),
      journal: new Journal(database, seal, clock),
      edits: new Edits(database),
      parts: new Parts(database),
      said: new Said(database),
      notices: new Notices(database, clock),
      noticeEvents: new NoticeEvents(database),
      puppets: new Puppets(database, seal),
      spaces: new Spaces(database, clock),
      run: new Run(database),
      transfers: new Transfers(database),
      disk,
      linkSecret: new Meta(database).linkSecret(seal),
      batch: (work) => database.transaction(work)(),
      close: () => database.close(),
    };
  } catch (error) {
    database.close();
    throw isDiskFull(error) ? noRoom(path, error) : error;
  }
}

function unlock(database: Database, keyFile: string): Seal {
  const meta = new Meta(database);
  // A new key would open nothing of what is there.
  if (meta.hasKey && !existsSync(keyFile)) {
    throw new StoreError(
      "no-key",
      `There is no key file ${keyFile}, but the database holds passwords and messages that only its key can open: ` +
        "bring back a copy of it, or set database.key_file to where it is.",
    );
  }
  const seal = openKeyFile(keyFile);
  meta.checkKey(seal);
  return seal;
}
