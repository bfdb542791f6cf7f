import { accountKey } from "../base/account.ts";
import { clampText, keptKey } from "../base/clamp.ts";
import type { EventSink } from "../base/event-sink.ts";
import type { MsnScope } from "../base/scope.ts";
import { Chunks, type LossListener } from "../chat/chunks.ts";
import type { Content } from "../content/content.ts";
import { contentTypeOf } from "../content/content-type.ts";
import { lostContent, readContent, readNotice } from "../content/content-types.ts";
import type { ChatEvent } from "../chat/events.ts";
import { parseMime, type MimeMessage } from "../wire/mime.ts";
import { parseAlert, type Notice } from "../content/notices.ts";

/** What the server tells beside contacts. */
export type NoticeEvent =
  /** Mail, maintenance, the profile: what the server tells beside contacts. */
  { readonly type: "notice"; readonly notice: Notice };

/** What the server tells, or what a contact said that it has kept or passes on. */
export type ServerEvent = NoticeEvent | ChatEvent;

/** The messages on the connection to the notification server: of the server itself, and those that it has kept for us. */
export class ServerMessages implements LossListener {
  readonly #scope: MsnScope;
  readonly #events: EventSink<ServerEvent>;
  readonly #chunks: Chunks;

  constructor(scope: MsnScope, events: EventSink<ServerEvent>) {
    this.#scope = scope;
    this.#events = events;
    this.#chunks = new Chunks(scope, this);
  }

  /** @param name under which it comes */
  take(from: string, name: string, payload: Buffer): void {
    const account = accountKey(from);
    const message = this.#chunks.add(account, parseMime(payload));
    if (message === undefined) return;
    const notice = readNotice(message);
    const spoken = clampText(name);
    if (notice !== undefined) this.#tell(notice);
    else if (this.#isOther(account)) this.#said(keptKey(account), spoken, readContent(message));
    else this.#spoken(spoken, message);
  }

  /** XML for programs, and now and then for people. */
  alert(payload: Buffer): void {
    const alert = parseAlert(payload);
    if (alert === undefined) this.#scope.log.debug({}, "skipped an alert that is not for people");
    else this.#tell(alert);
  }

  onLoss(account: string, headers: MimeMessage["headers"] | undefined): void {
    const content = lostContent(headers);
    if (content !== undefined && this.#isOther(account)) this.#said(keptKey(account), "", content);
  }

  #isOther(account: string): boolean {
    return account.includes("@") && account !== accountKey(this.#scope.account);
  }

  #said(account: string, name: string, content: Content): void {
    this.#events.report({ type: "content", account, name, content, group: undefined });
  }

  #tell(notice: Notice): void {
    this.#events.report({ type: "notice", notice });
  }

  // The server, or those who run it.
  #spoken(from: string, message: MimeMessage): void {
    const content = readContent(message);
    if (content.type !== "text") this.#tell({ type: "unknown", contentType: contentTypeOf(message.headers) });
    else if (content.text.trim() !== "") this.#tell({ type: "text", from, text: content.text });
  }
}
