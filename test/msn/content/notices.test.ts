import { expect } from "chai";
import * as fc from "fast-check";
import { readNotice } from "../../../src/msn/content/content-types.ts";
import { parseAlert } from "../../../src/msn/content/notices.ts";
import { parseMime } from "../../../src/msn/wire/mime.ts";
import { anyText } from "../../support/any-text.ts";

function notice(type: string, body: string): unknown {
  return readNotice(parseMime(Buffer.from(`MIME-Version: 1.0\r\nContent-Type: ${type}; charset=UTF-8\r\n\r\n${body}`)));
}

describe("msn/content/notices", () => {
  it("reads the profile, with negative numbers and empty values", () => {
    const payload =
      "MIME-Version: 1.0\r\nContent-Type: text/x-msmsgsprofile\r\nMemberIdLow: -17\r\nAge:\r\ncountry: DE\r\n\r\n";
    const read = readNotice(parseMime(Buffer.from(payload)));
    expect(read?.type).to.equal("profile");
    if (read?.type !== "profile") return;
    expect(Object.fromEntries(read.fields)).to.include({ memberidlow: "-17", age: "", country: "DE" });
  });

  it("reads what it is told about mail, in whatever charset", () => {
    expect(
      notice("text/x-msmsgsinitialemailnotification", "Inbox-Unread: 3\r\nInbox-URL: /cgi-bin/HoTMaiL\r\n"),
    ).to.deep.equal({
      type: "mailbox",
      unread: 3,
      unreadInFolders: Number.NaN,
      url: "/cgi-bin/HoTMaiL",
    });
    const mail =
      "From: =?iso-8859-1?Q?J=FCrgen_X?=\r\nFrom-Addr: j@example.com\r\nSubject: =?utf-8?B?8J+YgA==?= =?utf-8?Q?!?=\r\nMessage-URL: http://a:1/b\r\n";
    expect(notice("text/x-msmsgsemailnotification", mail)).to.deep.equal({
      type: "mail",
      from: "Jürgen X",
      address: "j@example.com",
      subject: "😀!",
      url: "http://a:1/b",
    });
    expect(
      notice("text/x-msmsgsactivemailnotification", "Src-Folder: ACTIVE\r\nDest-Folder: trAsH\r\nMessage-Delta: 1"),
    ).to.deep.equal({ type: "mail-moved", from: "ACTIVE", to: "trAsH", count: 1 });
  });

  it("reads when the server goes down", () => {
    expect(notice("application/x-msmsgssystemmessage", "Type: 1\r\nArg1: 5\r\n")).to.deep.equal({
      type: "maintenance",
      minutes: 5,
    });
  });

  it("reads alerts for people, also from broken XML, and leaves the service's own notes alone", () => {
    const alert = '<NOTIFICATION ver="1" siteid="111"><MSG><BODY><TEXT>a & b &lt;3</TEXT></BODY>';
    expect(parseAlert(Buffer.from(alert))).to.deep.equal({ type: "alert", text: "a & b <3" });
    expect(parseAlert(Buffer.from(alert.replace("111", "45705")))).to.equal(undefined);
    expect(parseAlert(Buffer.from("<NOTIFICATION/>"))).to.equal(undefined);
  });

  it("never fails on any bytes", () => {
    const types = fc.constantFrom(
      "text/x-msmsgsemailnotification",
      "text/x-msmsgsprofile",
      "x/y",
      "application/x-msmsgssystemmessage",
    );
    fc.assert(
      fc.property(types, anyText(), (type, body) => {
        notice(type, body);
        parseAlert(Buffer.from(`<TEXT>${body}`));
      }),
    );
  });
});
