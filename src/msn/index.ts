/** The MSN client library. It knows nothing of Matrix. */
export { MsnClient } from "./client.ts";
export type { MsnClientOptions } from "./client-options.ts";
export type { MsnServer } from "./session/msn-server.ts";
export { ContactList, type ContactServer } from "./contacts/contact-list.ts";
export type { BoardOwner } from "./chat/conversation-boards.ts";
export { Conversation, type ConversationHost, type ConversationSubject } from "./chat/conversation.ts";
export type { Content, OutgoingContent, PlainContent, TextContent } from "./content/content.ts";
export { MAX_MESSAGE_BYTES, textContents } from "./content/encode-content.ts";
export { CONTENT_TYPES, type ClientType, type ContentType, type ServerType } from "./content/content-types.ts";
export { DATACASTS, type ContentReader, type DataReader, type TypedMessage } from "./content/readers.ts";
export { UNSUPPORTED_KINDS, type UnsupportedKind } from "./base/unsupported-kind.ts";
export type { ContactKey, Dialect, Introduction, KnownContacts, MailPage, ServerSaying } from "./dialect/dialect.ts";
export { DIALECTS, type DialectName } from "./dialect/dialects.ts";
export { STATUSES, type Status } from "./base/status.ts";
export { isFinal, MsnError, type MsnErrorCode, type MsnErrorDetails, type ServerReason } from "./base/errors.ts";
export type { MsnEvent, MsnListener } from "./events.ts";
export type { ChatEvent } from "./chat/events.ts";
export type { ContactEvent } from "./contacts/events.ts";
export type { NoticeEvent } from "./session/server-messages.ts";
export type { FileEvent } from "./transfer/transfers.ts";
export type { Notice } from "./content/notices.ts";
export { certificateProblem, type CertificateProblem } from "./net/certificate.ts";
export { MSN_PORT, type Address } from "./base/address.ts";
export { dialTcp, type Dial } from "./net/dial.ts";
export { refusedAddress, type AddressRefused, type Lookup, type RefusalReason } from "../util/destinations.ts";
export type { FlowControl } from "./net/flow-control.ts";
export { ReadingTurns, type ReadingShare, type TurnTaker } from "./net/reading-turns.ts";
export type { Listen, ListeningPort } from "./net/listen.ts";
export { fetchWithCa, type Fetch, type FetchAnswer, type FetchInit } from "./net/fetch.ts";
export { isAcquaintance, isRequest, type Contact, type Roster } from "./contacts/roster.ts";
export { type ListName, type Phone, type RosterChange } from "./dialect/roster-change.ts";
export { accountKey } from "./base/account.ts";
export type { AckClass, Delivery, WriteListener } from "./chat/delivery.ts";
export { WriteWatch } from "./chat/write-watch.ts";
export {
  SwitchboardClient,
  type Switchboard,
  type SwitchboardFactory,
  type SwitchboardListener,
  type SwitchboardOptions,
} from "./chat/switchboard.ts";
export type { AddressRules } from "./transfer/address-rules.ts";
export type { TransferChannel, TransferContext, TransferPlaces, TransferSubject } from "./transfer/transfer-context.ts";
export type { FileOptions, FileRules } from "./transfer/file-options.ts";
export { FileReceive, receiveFile, type FileReceiveEvents } from "./transfer/file-receive.ts";
export { FileSend, type FileSendEvents, type FileSource } from "./transfer/file-send.ts";
export type { FileProblem, TransferOutcome } from "./transfer/outcome.ts";
export { STATUS_TEXTS } from "./base/status.ts";
export { DEFAULT_STYLE, type FontFamily, type FontPitch, type TextStyle } from "./content/text-style.ts";
export {
  answerTo,
  type CancelCode,
  type FileAccept,
  type FileInvite,
  type Invitation,
  type MalformedReason,
  type OutgoingInvitation,
  type TransferAddress,
} from "./wire/invitation.ts";
export { cleanFileName } from "./wire/file-name.ts";
export { checkPassword, type PasswordCheck } from "./session/check-password.ts";
// What the signatures above name besides: not needed to use the library, but types can be written down with it.
export type { Clock, Timer } from "../util/clock.ts";
export type { Destination } from "../util/destinations.ts";
export type { MsnLog } from "./base/log.ts";
export type { MsnScope } from "./base/scope.ts";
export type { Acquaintances } from "./base/acquaintances.ts";
export type { EventSink } from "./base/event-sink.ts";
export type { Ring, SwitchboardTicket } from "./base/switchboard-ticket.ts";
export type { ServerRequest } from "./dialect/server-request.ts";
export type { RosterKeeper } from "./contacts/roster-keeper.ts";
export type { SwitchboardPace } from "./session/account-session.ts";
export type { ChunkBudget, ChunkOwner, Incomplete, LossListener } from "./chat/chunks.ts";
export type {
  AnswerListener,
  Connection,
  ConnectionListener,
  ConnectionOptions,
  CommandOptions,
} from "./net/connection.ts";
export type { CommandSink } from "./wire/reader.ts";
export type { ReadingProgress } from "./net/reading-clock.ts";
export type { Hold, ReadingSink } from "./net/stream-reading.ts";
export type { DataSender } from "./p2p/responder.ts";
export type { Command } from "./wire/command.ts";
export type { MimeMessage } from "./wire/mime.ts";
