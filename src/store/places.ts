/**
 * The columns that are sealed, and what makes a row of each that one, and whose it is: a value that stands anywhere else,
 * or whose row was given to another, does not open. None of it changes while the value stays.
 */
export const SEALED = {
  "login.password": ["id", "owner", "server", "passport_key"],
  "puppet.token": ["owner"],
  "journal.body": ["id", "event_id", "room_id", "iif(direction = 'to-matrix', portal_id, NULL)"],
  "portal.title": ["id", "login_id"],
  "portal.told": ["id", "login_id"],
  "space.name": ["login_id", "contact_group"],
  "transfer.name": ["id", "portal_id"],
  "gathered.body": ["id", "login_id"],
  "notice.body": ["id", "owner"],
  "notice.answers": ["id", "owner"],
  "notice_event.answers": ["about", "owner", "event_id"],
} as const satisfies Readonly<Record<`${string}.${string}`, readonly string[]>>;

export type SealedColumn = keyof typeof SEALED;

type Identity = string | number | null;

/** Where a sealed value stands. */
export type SealedPlace = readonly [column: string, ...row: readonly Identity[]];

type IdentityOf<T extends readonly string[]> = { readonly [K in keyof T]: Identity };

export function placeIn<C extends SealedColumn>(column: C, ...row: IdentityOf<(typeof SEALED)[C]>): SealedPlace;
export function placeIn(column: SealedColumn, ...row: readonly Identity[]): SealedPlace {
  return [column, ...row];
}
