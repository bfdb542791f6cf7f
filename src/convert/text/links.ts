import { cleanText } from "./clean.ts";
import { escapeHtml } from "./styled-html.ts";

// Names and other texts of people hold no control characters any more where these are put in.
const [START, MIDDLE, END] = ["\u0001", "\u0002", "\u0003"] as const;
const PLAIN = String.raw`([^${START}-${END}]*)`;
const LINK = new RegExp(`${START}${PLAIN}${MIDDLE}${PLAIN}${END}`, "gu");

/**
 * Where a client finds a room or a user.
 * @param via a server through which a room can be entered: ids of newer rooms name none (Matrix spec, "Room IDs")
 */
export function addressOf(id: string, via?: string): string {
  const behind = via === undefined ? "" : `?via=${encodeURIComponent(via)}`;
  return `https://matrix.to/#/${encodeURIComponent(id)}${behind}`;
}

/** A label that is shown as a link to a room or a user, in what the bot says. */
export function asLink(label: string, id: string): string {
  return `${START}${id}${MIDDLE}${label}${END}`;
}

/** What the bot says without the links: only their labels. */
export function withoutLinks(text: string): string {
  return text.replaceAll(LINK, "$2");
}

/** What the bot says as HTML; undefined when there is no link in it. */
export function linksAsHtml(text: string): string | undefined {
  const html = escapeHtml(text).replaceAll(
    LINK,
    (_, id: string, label: string) => `<a href="${addressOf(id)}">${label}</a>`,
  );
  return html === escapeHtml(text) ? undefined : cleanText(html).replaceAll("\n", "<br/>");
}
