/** What a person meant as a message and this library cannot read. */
export const UNSUPPORTED_KINDS = [
  "file",
  "photos",
  "webcam",
  "voice-call",
  "game",
  "ink",
  "wink",
  "voice-clip",
  "image",
  // Parts of a long message are missing.
  "incomplete",
  // Nobody knows what it is.
  "other",
] as const;
export type UnsupportedKind = (typeof UNSUPPORTED_KINDS)[number];
