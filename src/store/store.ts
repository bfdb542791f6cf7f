import { existsSync } from "node:fs";
import type { Calendar } from "../util/calendar.ts";
import type { Clock } from "../util/clock.ts";
import { Backlog } from "./backlog.ts";
import { openDatabase } from "./database.ts";
import { Disk } from "./disk.ts";
import { EditTable } from "./edits.ts";
import { isDiskFull, noRoom } from "./errors.ts";
import { GatheredTable } from "./gathered.ts";
import { GhostRoomTable } from "./ghost-rooms.ts";
import { GhostTable } from "./ghosts.ts";
import { JournalAges } from "./journal-ages.ts";
import { Journal } from "./journal.ts";
import { LoginTable } from "./logins.ts";
import { ManagementRoomTable } from "./management-rooms.ts";
import { Meta } from "./meta.ts";
import { NoticeEventTable } from "./notice-events.ts";
import { NoticeTable } from "./notices.ts";
import { PartTable } from "./parts.ts";
import { PortalMemberTable } from "./portal-members.ts";
import { PortalTable } from "./portals.ts";
import { protectFiles } from "./protect.ts";
import { PublicLinkTable } from "./public-links.ts";
import { PuppetTable } from "./puppets.ts";
import { Reserve } from "./reserve.ts";
import { wasCutOff } from "./quick-check.ts";
import { RowNumbers } from "./row-numbers.ts";
import { RunTable } from "./run.ts";
import { SaidTable } from "./said.ts";
import { SpaceTable } from "./spaces.ts";
import { TransferTable } from "./transfers.ts";
import { WrongPasswordTable } from "./wrong-passwords.ts";
import { unlock } from "./unlock.ts";

export interface StoreOptions {
  /** The database file, or ":memory:". */
  path: string;
  /** What a database in memory begins with; nothing if not given. */
  image?: Buffer;
  /** The file with the key that seals passwords and messages. */
  keyFile: string;
  clock: Clock;
  calendar: Calendar;
  /** How much room to keep on the disk for when it is full, in bytes; none if not given. */
  reserveBytes?: number;
  /** Whether what is written outlives a power cut, and not only the process; so it is if not given. */
  isDurable?: boolean;
}

/** Everything that the bridge keeps on disk. */
export interface Store {
  readonly logins: LoginTable;
  readonly ghosts: GhostTable;
  readonly ghostRooms: GhostRoomTable;
  readonly portals: PortalTable;
  readonly portalMembers: PortalMemberTable;
  readonly managementRooms: ManagementRoomTable;
  readonly journal: Journal;
  readonly backlog: Backlog;
  readonly edits: EditTable;
  readonly parts: PartTable;
  readonly said: SaidTable;
  readonly notices: NoticeTable;
  readonly noticeEvents: NoticeEventTable;
  readonly puppets: PuppetTable;
  readonly spaces: SpaceTable;
  readonly run: RunTable;
  readonly journalAges: JournalAges;
  readonly transfers: TransferTable;
  readonly gathered: GatheredTable;
  readonly publicLinks: PublicLinkTable;
  readonly wrongPasswords: WrongPasswordTable;
  readonly disk: Disk;
  /** What signs links to files; the same as long as the database lives. */
  readonly linkSecret: string;
  /** What was not as it should be with the files, above all who could read or change them; sentences for the admin. */
  readonly repairs: readonly string[];
  /** Whether the run before did not end properly, so that the database may be damaged (`checkDatabase`). */
  readonly isSuspect: boolean;
  /**
   * Does work that writes to the disk in the one commit of this turn of the loop, over all that is handed over in it: for
   * whatever can wait that long. Nothing of it may be seen by anybody before the promise is fulfilled.
   *
   * The works of a turn run in order, at its end, and may run several times (`Transactions`): a work touches the store alone,
   * returns what follows from it, and does not await. Until then, what is read from the store knows nothing of it.
   * @param withinMs for what nobody waits for: so many milliseconds may pass until it shares a commit that others need
   * @throws what `work` throws, or what the disk does; nothing of it has been written then
   */
  commit<T>(work: () => T, withinMs?: number): Promise<T>;
  /**
   * Does work that writes to the disk at once, in one commit, together with what waits for its own and comes first. Errors
   * undo all of it. As of `commit`, it may run several times.
   */
  batch(work: () => void): void;
  /**
   * Makes sure that nothing of what has been wiped is on the disk any more. It takes as long as writing 4 MB.
   * @returns false where another program reads the database just now, so that it must be tried again
   */
  wipe(): boolean;
  /** Writes what waits, and ends the use of the store; nothing of it may be called afterwards, except this once more. */
  close(): void;
}

/**
 * Opens the database with its key, for this process alone; makes both where there are none.
 * @throws StoreError when either cannot be used, or they do not belong together
 */
export function openStore({
  path,
  image,
  keyFile,
  clock,
  calendar,
  reserveBytes,
  isDurable = true,
}: StoreOptions): Store {
  const isCutOff = wasCutOff(path, keyFile);
  const disk = new Disk(path, reserveBytes === undefined ? undefined : new Reserve(`${path}.reserve`, reserveBytes));
  const isMissed = path !== ":memory:" && !existsSync(path) && existsSync(keyFile);
  const database = openDatabase(path, disk, isDurable, image);
  try {
    const seal = unlock(database, keyFile);
    const repairs = [...(isMissed ? [missed(path)] : []), ...protectFiles(path, keyFile)];
    if (!disk.recover()) new Meta(database).probe();
    const numbers = new RowNumbers(database);
    const run = new RunTable(database, numbers, clock);
    return {
      logins: new LoginTable(database, seal),
      ghosts: new GhostTable(database),
      ghostRooms: new GhostRoomTable(database),
      portals: new PortalTable(database, seal, calendar),
      portalMembers: new PortalMemberTable(database),
      managementRooms: new ManagementRoomTable(database),
      journal: new Journal(database, seal, numbers, calendar),
      edits: new EditTable(database),
      backlog: new Backlog(database),
      parts: new PartTable(database),
      said: new SaidTable(database),
      notices: new NoticeTable(database, seal, numbers, calendar),
      noticeEvents: new NoticeEventTable(database, seal),
      puppets: new PuppetTable(database, seal),
      spaces: new SpaceTable(database, seal, calendar),
      run,
      journalAges: new JournalAges(database, run),
      transfers: new TransferTable(database, seal, numbers),
      gathered: new GatheredTable(database, seal, numbers, calendar),
      publicLinks: new PublicLinkTable(database, calendar),
      wrongPasswords: new WrongPasswordTable(database, run),
      disk,
      linkSecret: new Meta(database).linkSecret(seal),
      repairs,
      isSuspect: isCutOff || run.lastAlive !== undefined,
      commit: (work, withinMs) => database.commit(work, withinMs),
      batch: (work) => database.transaction(work),
      wipe: () => database.emptyLog(),
      close: () => database.close(),
    };
  } catch (error) {
    database.close();
    throw isDiskFull(error) ? noRoom(path, error) : error;
  }
}

// Whoever lost it would otherwise find a bridge in which nobody has ever logged in.
function missed(path: string): string {
  return (
    `There was no database ${path}, though there is a key file, so a new and empty one was made. If there should have been ` +
    "one, stop the bridge and bring it back."
  );
}
