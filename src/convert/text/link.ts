// What a user can open by clicking it, on either network.
const OPENS = /^(?:https?:\/\/|ftp:\/\/|mailto:)\S+$/iu;
const MATRIX_TO = /^https:\/\/matrix\.to\/#\/([^/?]+)(\/)?/iu;

/** What has to stand behind the shown text of a link, so that nothing of it is lost; nothing for what cannot be opened. */
export function linkTail(href: string, shown: string): string {
  const url = href.trim();
  if (!OPENS.test(url) || !URL.canParse(url)) return "";
  if (shown.trim() === "") return url;
  return saysEnough(url, shown.trim()) || bare(url) === bare(shown) ? "" : ` (${url})`;
}

// Of a user the name is wanted, and the address of a room says no more than its alias.
function saysEnough(url: string, shown: string): boolean {
  const [, id, event] = MATRIX_TO.exec(url) ?? [];
  if (id === undefined) return false;
  const name = decoded(id);
  return name.startsWith("@") || (name === shown && event === undefined);
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function bare(url: string): string {
  return url
    .trim()
    .replace(/^(?:https?:\/\/|ftp:\/\/|mailto:)/iu, "")
    .replace(/\/$/u, "")
    .toLowerCase();
}
