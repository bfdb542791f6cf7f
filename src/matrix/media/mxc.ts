/** Where a file is on Matrix. Matrix spec, Client-Server API, "Matrix Content (mxc://) URIs". */
export interface Mxc {
  /** The name of the homeserver that has it, as in a user id. */
  readonly server: string;
  readonly mediaId: string;
}

// Homeservers make file names of both parts, so nothing else may pass.
const MXC = /^mxc:\/\/((?:[A-Za-z0-9.-]{1,255}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?)\/([A-Za-z0-9_-]{1,255})$/;

/** Undefined when the text is not the address of a file. */
export function parseMxc(text: string): Mxc | undefined {
  const [, server, mediaId] = MXC.exec(text) ?? [];
  return server === undefined || mediaId === undefined ? undefined : { server, mediaId };
}
