import type { Clock } from "../../util/clock.ts";
import type { Log } from "../../util/log.ts";
import { Chunks } from "../chat/chunks.ts";
import { contentOf, contentTypeOf, type Content } from "../chat/content.ts";
import type { ChatEvent } from "../chat/events.ts";
import { noticeOf, parseAlert, type Notice } from "./notices.ts";
import { accountKey } from "../base/account.ts";
import { keptKey, clampText } from "../base/clamp.ts";
import { decodeArgument, type Command } from "../wire/command.ts";
import { parseMime, type MimeMessage } from "../wire/mime.ts";

export interface ServerMessagesOptions {
  readonly account: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly report: (event: ServerEvent) => void;
}

/** What the server tells beside contacts. */
export type NoticeEvent =
  /** Mail, maintenance, the profile: what the server tells beside contacts. */
  { readonly type: "notice"; readonly notice: Notice };

/** What the server tells, or what somebody said that it has kept or passes on. */
export type ServerEvent = NoticeEvent | ChatEvent;

const NOTHING = Buffer.alloc(0);

/** The messages on the connection to the notification server: of the server itself, and those that it has kept for us. */
export class ServerMessages {
  readonly #options: ServerMessagesOptions;
  readonly #chunks: Chunks;

  constructor(options: ServerMessagesOptions) {
    this.#options = options;
    this.#chunks = new Chunks(options);
  }

  // MSG account name length; the server's own are from `Hotmail Hotmail`, mostly (docs/msnp.md 3.8).
  take({ args, payload = NOTHING }: Command): void {
    const [from = "", name = ""] = args;
    const account = accountKey(from);
    const message = this.#chunks.add(account, parseMime(payload));
    if (message === undefined) return;
    const notice = noticeOf(message);
    const spoken = clampText(decodeArgument(name));
    if (notice !== undefined) this.#tell(notice);
    else if (this.#isOther(account)) this.#said(keptKey(account), spoken, contentOf(message));
    else this.#spoken(spoken, message);
  }

  /** NOT and IPG: XML for programs, and now and then for people. */
  alert({ payload = NOTHING }: Command): void {
    const alert = parseAlert(payload);
    if (alert === undefined) this.#options.log.debug("skipped an alert that is not for people");
    else this.#tell(alert);
  }

  #isOther(account: string): boolean {
    return account.includes("@") && account !== accountKey(this.#options.account);
  }

  #said(account: string, name: string, content: Content): void {
    this.#options.report({ type: "content", account, name, content, group: undefined });
  }

  #tell(notice: Notice): void {
    this.#options.report({ type: "notice", notice });
  }

  // The server, or those who run it.
  #spoken(from: string, message: MimeMessage): void {
    const content = contentOf(message);
    if (content.type !== "text") this.#tell({ type: "unknown", contentType: contentTypeOf(message.headers) });
    else if (content.text.trim() !== "") this.#tell({ type: "text", from, text: content.text });
  }
}
