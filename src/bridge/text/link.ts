// What a person can open by clicking it, on either network.
const OPENS = /^(?:https?:\/\/|ftp:\/\/|mailto:)\S+$/iu;
// People, rooms and events of Matrix: nobody on MSN can open them, and what is shown for them says enough.
const MATRIX_TO = /^https:\/\/matrix\.to\/#\//iu;

/** What has to stand behind the shown text of a link, so that nothing of it is lost; nothing for links nobody can open. */
export function linkTail(href: string, shown: string): string {
  const url = href.trim();
  if (!OPENS.test(url) || !URL.canParse(url)) return "";
  if (shown.trim() === "") return url;
  return MATRIX_TO.test(url) || bare(url) === bare(shown) ? "" : ` (${url})`;
}

function bare(url: string): string {
  return url
    .trim()
    .replace(/^(?:https?:\/\/|ftp:\/\/|mailto:)/iu, "")
    .replace(/\/$/u, "")
    .toLowerCase();
}
