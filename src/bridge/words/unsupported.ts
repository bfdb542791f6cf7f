import type { UnsupportedKind } from "../../msn/index.ts";

const DECLINED = "This bridge does not support that yet, so it was declined.";

/** What the owner reads when a contact has sent something that cannot be shown. */
export const UNSUPPORTED: Readonly<Record<UnsupportedKind, (name: string) => string>> = {
  file: (name) =>
    `${name} wants to send you a file in a way that this bridge does not support yet, so it was declined. Ask ${name} for a ` +
    "link to the file.",
  photos: (name) => `${name} wants to share photos with you. ${DECLINED} Ask ${name} for a link to them.`,
  webcam: (name) => `${name} wants to use a webcam with you. ${DECLINED}`,
  "voice-call": (name) => `${name} wants to talk to you by voice. ${DECLINED}`,
  game: (name) => `${name} invited you to a game or another activity. ${DECLINED}`,
  ink: (name) => `${name} sent you something written by hand. This bridge cannot show it yet. Ask ${name} to type it.`,
  wink: (name) => `${name} sent you a wink. This bridge cannot show it yet.`,
  "voice-clip": (name) =>
    `${name} sent you a voice clip. This bridge cannot play it yet. Ask ${name} to write instead.`,
  image: (name) =>
    `${name} sent you a picture in a way that this bridge cannot show yet. Ask ${name} for a link to it.`,
  incomplete: (name) =>
    `A message from ${name} arrived incomplete and could not be shown. Ask ${name} to send it again, in shorter parts.`,
  other: (name) =>
    `${name} sent you something that this bridge does not know and cannot show. Ask ${name} to write it as text.`,
};

/** A contact offers a file, and the offer makes no sense. */
export function unreadableOffer(name: string): string {
  return `${name} wanted to send you a file, but the offer could not be read, so it was declined. Ask ${name} to send it again.`;
}

/** A contact wants to use a program together. @param program what their client calls it */
export function otherProgram(name: string, program: string): string {
  const what = program === "" ? "use another program" : `use “${program}”`;
  return `${name} invited you to ${what} with them. ${DECLINED}`;
}
