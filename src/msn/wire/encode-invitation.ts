import { cleanFileName } from "./file-name.ts";
import { FILE_TRANSFER_GUID, FILE_TRANSFER_NAME, type OutgoingInvitation, type TransferAddress } from "./invitation.ts";
import { encodeMime } from "./mime.ts";

/** The body for an invitation (docs/msnp.md 5). */
export function encodeInvitation(invitation: OutgoingInvitation): string {
  return encodeMime(fieldsOf(invitation), "").toString("utf8");
}

function fieldsOf(invitation: OutgoingInvitation): Array<readonly [name: string, value: string]> {
  const cookie = ["Invitation-Cookie", invitation.cookie] as const;
  switch (invitation.type) {
    case "file-invite":
      return [
        ["Application-Name", FILE_TRANSFER_NAME],
        ["Application-GUID", FILE_TRANSFER_GUID],
        ["Invitation-Command", "INVITE"],
        cookie,
        ["Application-File", cleanFileName(invitation.file) || "file"],
        ["Application-FileSize", String(invitation.size)],
        ...optional(
          "Connectivity",
          invitation.connectivity === undefined ? undefined : invitation.connectivity ? "Y" : "N",
        ),
      ];
    case "accept":
      return [
        ["Invitation-Command", "ACCEPT"],
        cookie,
        ...(invitation.transfer === undefined ? [] : transferFields(invitation.transfer)),
        ["Launch-Application", "FALSE"],
        ["Request-Data", "IP-Address:"],
      ];
    case "cancel":
      return [["Invitation-Command", "CANCEL"], cookie, ["Cancel-Code", invitation.code]];
  }
}

function transferFields(transfer: TransferAddress): Array<readonly [name: string, value: string]> {
  return [
    ["IP-Address", transfer.address],
    ...optional("IP-Address-Internal", transfer.internalAddress),
    ["Port", String(transfer.port)],
    ...optional("PortX", transfer.portX),
    ...optional("PortX-Internal", transfer.portXInternal),
    ["AuthCookie", transfer.authCookie],
    ...optional("Sender-Connect", transfer.senderConnect ? "TRUE" : undefined),
  ];
}

function optional(name: string, value: string | number | undefined): Array<readonly [name: string, value: string]> {
  return value === undefined ? [] : [[name, String(value)]];
}
