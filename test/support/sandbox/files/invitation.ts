import type { Message } from "../../../../src/sandbox/wire/message.ts";

const TYPE = "text/x-msmsgsinvite";
const GUID = "{5D3E02AB-6190-11d3-BBBB-00C04F795683}";

export type Field = readonly [name: string, value: string];

/** A message about a transfer (docs/msnp.md 5). */
export interface Invitation {
  readonly command: "INVITE" | "ACCEPT" | "CANCEL";
  readonly cookie: string;
  /** The first field of that name, in any case; undefined when it is absent. */
  field(name: string): string | undefined;
}

/** An offer of a file, as it came. */
export interface OfferedFile {
  /** The passport of the sender. */
  readonly from: string;
  /** As it came, path and all. */
  readonly name: string;
  /** Bytes, as the offer has it. */
  readonly size: number;
  readonly cookie: string;
  /** Whether the sender can listen; undefined when she does not say. */
  readonly connectivity?: "Y" | "N";
}

export interface Announcement {
  readonly address: string;
  readonly port: number;
  readonly authCookie: number;
}

/** Undefined when it is something else, or makes no sense. */
export function parseInvitation(message: Message): Invitation | undefined {
  if (message.type !== TYPE) return undefined;
  const fields = new Map<string, string>();
  for (const line of message.body.toString().split(/\r?\n/u)) {
    const colon = line.indexOf(":");
    const name = line.slice(0, Math.max(colon, 0)).trim().toLowerCase();
    if (name !== "" && !fields.has(name)) fields.set(name, line.slice(colon + 1).trim());
  }
  const command = fields.get("invitation-command")?.toUpperCase();
  const cookie = fields.get("invitation-cookie") ?? "";
  if (command !== "INVITE" && command !== "ACCEPT" && command !== "CANCEL") return undefined;
  return cookie === "" ? undefined : { command, cookie, field: (name) => fields.get(name.toLowerCase()) };
}

/** The file that is offered; undefined when it is no file, or lacks name or size. */
export function offeredFile(from: string, invitation: Invitation): OfferedFile | undefined {
  const guid = invitation.field("Application-GUID");
  const isFile = guid === undefined || guid.toLowerCase() === GUID.toLowerCase();
  const name = invitation.field("Application-File") ?? "";
  const size = invitation.field("Application-FileSize") ?? "";
  if (!isFile || name === "" || !/^\d+$/u.test(size)) return undefined;
  const answer = invitation.field("Connectivity")?.toUpperCase();
  const connectivity = answer === "Y" || answer === "N" ? answer : undefined;
  return { from, name, size: Number(size), cookie: invitation.cookie, ...(connectivity && { connectivity }) };
}

/** Where the other says that she listens; undefined when she does not. */
export function announcementIn(accept: Invitation): (Announcement & { senderConnects: boolean }) | undefined {
  const address = accept.field("IP-Address") ?? "";
  const [port, authCookie] = [Number(accept.field("Port")), Number(accept.field("AuthCookie"))];
  const isUsable = Number.isInteger(port) && port > 0 && port < 65_536 && Number.isInteger(authCookie);
  if (address === "" || !isUsable) return undefined;
  return { address, port, authCookie, senderConnects: accept.field("Sender-Connect")?.toUpperCase() === "TRUE" };
}

export function encodeInvitation(fields: readonly Field[]): Buffer {
  const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return Buffer.from(`MIME-Version: 1.0\r\nContent-Type: ${TYPE}; charset=UTF-8\r\n\r\n${lines}\r\n`);
}

/** The fields of an offer; the name goes out as it is. */
export function offerFields(file: Omit<OfferedFile, "from">): Field[] {
  return [
    ["Application-Name", "File Transfer"],
    ["Application-GUID", GUID],
    ["Invitation-Command", "INVITE"],
    ["Invitation-Cookie", file.cookie],
    ["Application-File", file.name],
    ["Application-FileSize", String(file.size)],
    ...(file.connectivity === undefined ? [] : [["Connectivity", file.connectivity] as const]),
  ];
}

/** The fields of a yes, of either side; `senderConnects` is said only if it is so. */
export function acceptFields(cookie: string, listens?: Announcement & { senderConnects: boolean }): Field[] {
  const listening: Field[] =
    listens === undefined
      ? []
      : [
          ["IP-Address", listens.address],
          ["Port", String(listens.port)],
          ["AuthCookie", String(listens.authCookie)],
          ...(listens.senderConnects ? [["Sender-Connect", "TRUE"] as const] : []),
        ];
  return [
    ["Invitation-Command", "ACCEPT"],
    ["Invitation-Cookie", cookie],
    ...listening,
    ["Launch-Application", "FALSE"],
    ["Request-Data", "IP-Address:"],
  ];
}

export function cancelFields(cookie: string, code: string): Field[] {
  return [
    ["Invitation-Command", "CANCEL"],
    ["Invitation-Cookie", cookie],
    ["Cancel-Code", code],
  ];
}
