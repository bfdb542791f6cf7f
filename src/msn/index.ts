/** The MSN client library. It knows nothing of Matrix. */
export { MsnClient, type MsnClientOptions, type MsnServer } from "./client.ts";
export { Conversation } from "./conversation.ts";
export { textContents, type Content, type OutgoingContent } from "./content.ts";
export { STATUSES, type Status } from "./dialect/dialect.ts";
export { isFinal, MsnError, type MsnErrorCode } from "./errors.ts";
export type { MsnEvent } from "./events.ts";
export { dialTcp, type Dial } from "./net/dial.ts";
export type { Fetch } from "./passport.ts";
export { accountKey, type Contact, type ListName, type Roster } from "./roster.ts";
export type { Delivery } from "./switchboard.ts";
