/** The MSN client library. It knows nothing of Matrix. */
export { MsnClient } from "./client.ts";
export type { MsnClientOptions, MsnServer } from "./client-options.ts";
export { ContactList } from "./contact-list.ts";
export { Conversation } from "./conversation.ts";
export { MAX_MESSAGE_BYTES, textContents, type Content, type OutgoingContent } from "./content.ts";
export { CONTENT_TYPES, DATACASTS, UNSUPPORTED_KINDS, type UnsupportedKind } from "./content-types.ts";
export { STATUSES, type Status } from "./dialect/dialect.ts";
export { isFinal, MsnError, type MsnErrorCode } from "./errors.ts";
export type { MsnEvent } from "./events.ts";
export type { Notice } from "./notices.ts";
export { certificateProblem, type CertificateProblem } from "./net/certificate.ts";
export { dialTcp, MSN_PORT, type Dial } from "./net/dial.ts";
export type { Intake } from "./net/intake.ts";
export type { Listen, Listener } from "./net/listen.ts";
export { fetchWithCa, type Fetch, type FetchInit } from "./net/fetch.ts";
export {
  accountKey,
  isRequest,
  type Contact,
  type ListName,
  type Phone,
  type Roster,
  type RosterChange,
} from "./roster.ts";
export {
  SwitchboardClient,
  type Delivery,
  type Switchboard,
  type SwitchboardFactory,
  type SwitchboardOptions,
} from "./switchboard.ts";
export type { FileOptions } from "./transfer/file-options.ts";
export { FileReceive, receiveFile } from "./transfer/file-receive.ts";
export { FileSend, type OutgoingFile } from "./transfer/file-send.ts";
export type { FileProblem, TransferOutcome } from "./transfer/outcome.ts";
export { STATUS_TEXTS } from "./status-texts.ts";
export { DEFAULT_STYLE, type FontFamily, type FontPitch, type TextStyle } from "./text-style.ts";
export {
  answerTo,
  cleanFileName,
  type CancelCode,
  type FileAccept,
  type FileInvite,
  type Invitation,
  type MalformedReason,
  type OutgoingInvitation,
  type TransferAddress,
} from "./transfer/invitation.ts";
export { checkPassword, type PasswordCheck } from "./check-password.ts";
