import type { Statement } from "better-sqlite3";
import { z } from "zod";
import type { Database } from "./database.ts";
import { listRows } from "./rows.ts";

/** A room in which a ghost is, and for whom the room is. */
export interface GhostRoom {
  readonly roomId: string;
  readonly owner: string;
}

const ghostRoom = z.object({ roomId: z.string(), owner: z.string() });

// From the ghost outwards, so that every step goes through an index.
const ROOMS = `
  SELECT portal.room_id AS roomId, login.owner AS owner
  FROM ghost
  JOIN portal ON portal.remote = ghost.passport AND portal.kind = 'direct' AND portal.room_id IS NOT NULL
  JOIN login ON login.id = portal.login_id AND login.server = ghost.server
  WHERE ghost.user_id = :userId AND ghost.registered = 1
  UNION
  SELECT portal.room_id, login.owner
  FROM ghost
  JOIN portal_member ON portal_member.passport = ghost.passport
  JOIN portal ON portal.id = portal_member.portal_id AND portal.room_id IS NOT NULL
  JOIN login ON login.id = portal.login_id AND login.server = ghost.server
  WHERE ghost.user_id = :userId AND ghost.registered = 1
`;

const GHOSTS = `
  SELECT ghost.user_id
  FROM portal
  CROSS JOIN login ON login.id = portal.login_id
  CROSS JOIN ghost ON ghost.server = login.server AND ghost.passport = portal.remote AND ghost.registered = 1
  WHERE portal.kind = 'direct' AND portal.room_id IS NOT NULL
  UNION
  SELECT ghost.user_id
  FROM portal
  CROSS JOIN login ON login.id = portal.login_id
  JOIN portal_member ON portal_member.portal_id = portal.id
  CROSS JOIN ghost ON ghost.server = login.server AND ghost.passport = portal_member.passport AND ghost.registered = 1
  WHERE portal.kind = 'group' AND portal.room_id IS NOT NULL
`;

/** Where ghosts can be seen: read from several tables. */
export class GhostRoomTable {
  readonly #list: Statement;
  readonly #ghosts: Statement;

  constructor(database: Database) {
    this.#list = database.prepare(ROOMS);
    this.#ghosts = database.prepare(GHOSTS).pluck();
  }

  /** The user ids of all ghosts that are in any room. */
  ghosts(): string[] {
    return listRows(z.string(), this.#ghosts.all());
  }

  /** The rooms of all logins in which a ghost is; none for a ghost that the homeserver does not know. */
  list(userId: string): GhostRoom[] {
    return listRows(ghostRoom, this.#list.all({ userId }));
  }
}
