import { expect } from "chai";

import {
  acceptFields,
  announcementIn,
  cancelFields,
  encodeInvitation,
  offerFields,
  offeredFile,
  parseInvitation,
  type Invitation,
} from "./invitation.ts";
import { parseMessage } from "../../../../src/sandbox/wire/message.ts";

const HEAD = "MIME-Version: 1.0⏎Content-Type: text/x-msmsgsinvite; charset=UTF-8⏎⏎";
const GUID = "Application-GUID: {5D3E02AB-6190-11d3-BBBB-00C04F795683}";

function folded(payload: Buffer): string {
  return payload.toString().replaceAll("\r\n", "⏎");
}

function parsed(fields: string): Invitation | undefined {
  const message = parseMessage(Buffer.from(`${HEAD}${fields}⏎⏎`.replaceAll("⏎", "\r\n")));
  return message && parseInvitation(message);
}

describe("sandbox invitations", () => {
  it("are written as the clients of that time did", () => {
    const offer = offerFields({ cookie: "33267", name: "readme.txt", size: 12 });
    expect(folded(encodeInvitation(offer))).to.equal(
      `${HEAD}Application-Name: File Transfer⏎${GUID}⏎Invitation-Command: INVITE⏎Invitation-Cookie: 33267⏎Application-File: readme.txt⏎Application-FileSize: 12⏎⏎`,
    );
    expect(encodeInvitation(offer)).to.have.length(274);
    expect(folded(encodeInvitation(acceptFields("33267")))).to.equal(
      `${HEAD}Invitation-Command: ACCEPT⏎Invitation-Cookie: 33267⏎Launch-Application: FALSE⏎Request-Data: IP-Address:⏎⏎`,
    );
    const address = { address: "203.0.113.7", port: 6891, authCookie: 2086936, senderConnects: false };
    expect(folded(encodeInvitation(acceptFields("33267", address)))).to.equal(
      `${HEAD}Invitation-Command: ACCEPT⏎Invitation-Cookie: 33267⏎IP-Address: 203.0.113.7⏎Port: 6891⏎AuthCookie: 2086936⏎Launch-Application: FALSE⏎Request-Data: IP-Address:⏎⏎`,
    );
    expect(folded(encodeInvitation(acceptFields("1", { ...address, senderConnects: true })))).to.contain(
      "AuthCookie: 2086936⏎Sender-Connect: TRUE⏎",
    );
    expect(folded(encodeInvitation(cancelFields("33267", "REJECT")))).to.equal(
      `${HEAD}Invitation-Command: CANCEL⏎Invitation-Cookie: 33267⏎Cancel-Code: REJECT⏎⏎`,
    );
  });

  it("are read in any order and case, of doubled lines the first", () => {
    const fields = "application-filesize:7⏎CONNECTIVITY: n⏎Application-File:  ../a b:c ⏎Invitation-Command: Invite";
    const invitation = parsed(`${fields}⏎invitation-cookie: 5⏎Invitation-Cookie: 6⏎no colon⏎: no name`);
    expect(invitation?.command).to.equal("INVITE");
    expect(invitation && offeredFile("mia@example.com", invitation)).to.deep.equal({
      from: "mia@example.com",
      name: "../a b:c",
      size: 7,
      cookie: "5",
      connectivity: "N",
    });
  });

  it("that are none are not read", () => {
    expect(parsed("Invitation-Command: ACCEPT")).to.equal(undefined);
    expect(parsed("Invitation-Command: PING⏎Invitation-Cookie: 1")).to.equal(undefined);
    const text = parseMessage(Buffer.from("Content-Type: text/plain\r\n\r\nInvitation-Command: ACCEPT\r\n"));
    expect(text && parseInvitation(text)).to.equal(undefined);
    for (const rest of [
      "Application-GUID: {44BBA842-CC51-11CF-AAFA-00AA00B6015C}⏎Application-File: a⏎Application-FileSize: 1",
      "Application-FileSize: 1",
      "Application-File: a",
      "Application-File: a⏎Application-FileSize: -1",
    ]) {
      const invitation = parsed(`Invitation-Command: INVITE⏎Invitation-Cookie: 1⏎${rest}`);
      expect(invitation && offeredFile("mia@example.com", invitation), rest).to.equal(undefined);
    }
  });

  it("say where somebody listens, or do not", () => {
    const yes = "Invitation-Command: ACCEPT⏎Invitation-Cookie: 1⏎Request-Data: IP-Address:";
    const bare = parsed(yes);
    expect(bare && announcementIn(bare)).to.equal(undefined);
    const full = parsed(`${yes}⏎IP-Address: ::1⏎Port: 6891⏎AuthCookie: 7⏎sender-connect: True`);
    const where = { address: "::1", port: 6891, authCookie: 7, senderConnects: true };
    expect(full && announcementIn(full)).to.deep.equal(where);
    for (const port of ["0", "65536", "x", "1.5"]) {
      const odd = parsed(`${yes}⏎IP-Address: ::1⏎Port: ${port}⏎AuthCookie: 7`);
      expect(odd && announcementIn(odd), port).to.equal(undefined);
    }
  });
});
