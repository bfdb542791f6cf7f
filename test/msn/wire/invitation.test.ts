import { expect } from "chai";
import * as fc from "fast-check";
import { encodeContent } from "../../../src/msn/content/encode-content.ts";
import { cleanFileName } from "../../../src/msn/wire/file-name.ts";
import { encodeInvitation } from "../../../src/msn/wire/encode-invitation.ts";
import {
  answerTo,
  parseInvitation,
  type Invitation,
  type OutgoingInvitation,
  type TransferAddress,
} from "../../../src/msn/wire/invitation.ts";
import { anyText } from "../../support/any-text.ts";

const RUNS = 500;

const GUID = "{5D3E02AB-6190-11d3-BBBB-00C04F795683}";
const VOICE = "{02D3C01F-BF30-4825-A83A-DE7AF41648AA}";

/** Reads an invitation out of its lines. */
function parse(...lines: string[]): Invitation {
  return parseInvitation(Buffer.from(`${lines.join("\r\n")}\r\n\r\n`));
}

/** A good offer whose fields are replaced, or with undefined left out. */
function invite(changes: Record<string, string | undefined> = {}): Invitation {
  const fields: Record<string, string | undefined> = {
    "Application-Name": "File Transfer",
    "Application-GUID": GUID,
    "Invitation-Command": "INVITE",
    "Invitation-Cookie": "33267",
    "Application-File": "readme.txt",
    "Application-FileSize": "12",
    ...changes,
  };
  return parse(
    ...Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`])),
  );
}

/** A good answer with an address whose fields are replaced. */
function accept(changes: Record<string, string> = {}): Invitation {
  const fields = { "IP-Address": "203.0.113.7", Port: "6891", AuthCookie: "2086936", ...changes };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}`);
  return parse("Invitation-Command: ACCEPT", "Invitation-Cookie: 33267", ...lines, "Request-Data: IP-Address:");
}

const offer = { type: "file-invite", cookie: "33267", file: "readme.txt", size: 12 } as const;
const transfer: TransferAddress = { address: "203.0.113.7", port: 6891, authCookie: "2086936", senderConnect: false };

const HEAD = "MIME-Version: 1.0⏎Content-Type: text/x-msmsgsinvite; charset=UTF-8⏎⏎";
const INVITE = `Application-Name: File Transfer⏎Application-GUID: ${GUID}⏎Invitation-Command: INVITE⏎`;
const TAIL = "Launch-Application: FALSE⏎Request-Data: IP-Address:⏎⏎";

// Whole messages, with the lengths that their MSG lines name.
const ON_THE_WIRE: Array<[what: string, length: number, payload: string, invitation: OutgoingInvitation]> = [
  [
    "an offer",
    274,
    `${HEAD}${INVITE}Invitation-Cookie: 33267⏎Application-File: readme.txt⏎Application-FileSize: 12⏎⏎`,
    offer,
  ],
  [
    "an offer of a file with umlauts",
    277,
    `${HEAD}${INVITE}Invitation-Cookie: 58120⏎Application-File: größe.txt⏎Application-FileSize: 4097⏎⏎`,
    { type: "file-invite", cookie: "58120", file: "größe.txt", size: 4097 },
  ],
  [
    "a yes",
    181,
    `${HEAD}Invitation-Command: ACCEPT⏎Invitation-Cookie: 33267⏎${TAIL}`,
    { type: "accept", cookie: "33267" },
  ],
  [
    "a yes with an address",
    239,
    `${HEAD}Invitation-Command: ACCEPT⏎Invitation-Cookie: 33267⏎IP-Address: 203.0.113.7⏎Port: 6891⏎AuthCookie: 2086936⏎${TAIL}`,
    { type: "accept", cookie: "33267", transfer },
  ],
  [
    "a no",
    148,
    `${HEAD}Invitation-Command: CANCEL⏎Invitation-Cookie: 33267⏎Cancel-Code: REJECT⏎⏎`,
    { type: "cancel", cookie: "33267", code: "REJECT" },
  ],
];

// Most clients write numbers; any word will do.
const cookies = fc.oneof(
  fc.integer({ min: 0, max: 2 ** 32 - 1 }).map(String),
  fc.uuid(),
  fc.string({ unit: "grapheme-ascii", minLength: 1, maxLength: 128 }).filter((word) => /^[!-~]+$/u.test(word)),
);
const ports = fc.integer({ min: 1, max: 65_535 });
const sent: fc.Arbitrary<OutgoingInvitation> = fc.oneof(
  fc.record(
    {
      type: fc.constant("file-invite"),
      cookie: cookies,
      file: anyText().map((name) => cleanFileName(name) || "x"),
      size: fc.maxSafeNat().filter((size) => size < 1e15),
      connectivity: fc.boolean(),
    },
    { requiredKeys: ["type", "cookie", "file", "size"] },
  ),
  fc.record(
    {
      type: fc.constant("accept"),
      cookie: cookies,
      transfer: fc.record(
        {
          address: fc.oneof(fc.ipV4(), fc.ipV6()),
          internalAddress: fc.ipV4(),
          port: ports,
          portX: ports,
          portXInternal: ports,
          authCookie: cookies,
          senderConnect: fc.boolean(),
        },
        { requiredKeys: ["address", "port", "authCookie", "senderConnect"] },
      ),
    },
    { requiredKeys: ["type", "cookie"] },
  ),
  fc.record({
    type: fc.constant("cancel"),
    cookie: cookies,
    code: fc.constantFrom("REJECT", "REJECT_NOT_INSTALLED", "TIMEOUT", "FAIL", "FTTIMEOUT", "OUTBANDCANCEL"),
  }),
);

describe("msn/wire/invitation", () => {
  for (const [what, length, payload, invitation] of ON_THE_WIRE) {
    it(`writes ${what} byte for byte, and reads it`, () => {
      const bytes = encodeContent({ type: "invitation", invitation }, "mia@example.com");
      expect(bytes.toString()).to.equal(payload.replaceAll("⏎", "\r\n"));
      expect(bytes.length).to.equal(length);
      expect(parseInvitation(Buffer.from(encodeInvitation(invitation)))).to.deep.equal(invitation);
    });
  }

  it("reads what it writes", () => {
    fc.assert(
      fc.property(sent, (invitation) => {
        expect(parseInvitation(Buffer.from(encodeInvitation(invitation)))).to.deep.equal(invitation);
      }),
      { numRuns: RUNS },
    );
  });

  describe("an offer", () => {
    it("is one by its GUID, in any case and under any name", () => {
      expect(invite({ "Application-Name": "Dateiübertragung" })).to.deep.equal(offer);
      expect(invite({ "Application-GUID": GUID.toLowerCase(), "Application-Name": undefined })).to.deep.equal(offer);
    });

    for (const guid of [
      GUID.replaceAll(/[{}]/gu, ""),
      GUID.toLowerCase().replaceAll(/[{}]/gu, ""),
      `{ ${GUID.slice(1)}`,
    ])
      it(`is one by its GUID, however that is written: ${guid}`, () =>
        expect(invite({ "Application-GUID": guid, "Application-Name": "Dateiübertragung" })).to.deep.equal(offer));

    it("tells in any spelling whether its sender can be connected to", () => {
      for (const yes of ["Y", "y", "Yes", "TRUE", "1"])
        expect(invite({ Connectivity: yes }), yes).to.deep.equal({ ...offer, connectivity: true });
      for (const no of ["N", "n", "No", "FALSE", "false", "0"])
        expect(invite({ Connectivity: no }), no).to.deep.equal({ ...offer, connectivity: false });
      for (const neither of ["", "maybe", "2", "Nope"])
        expect(invite({ Connectivity: neither }), neither).to.deep.equal(offer);
    });

    it("is one without a GUID by the untranslated name", () => {
      expect(invite({ "Application-GUID": undefined })).to.deep.equal(offer);
      expect(invite({ "Application-GUID": "", "Application-Name": "file transfer" })).to.deep.equal(offer);
    });

    it("is none by its name alone where the GUID is another program's", () => {
      expect(invite({ "Application-GUID": VOICE })).to.deep.equal({
        type: "foreign",
        cookie: "33267",
        applicationGuid: VOICE,
        kind: "voice-call",
        name: "File Transfer",
      });
      const name = "Dateiübertragung";
      expect(invite({ "Application-GUID": undefined, "Application-Name": name })).to.deep.equal({
        type: "foreign",
        cookie: "33267",
        name,
      });
      const nameless = { "Application-GUID": undefined, "Application-Name": undefined, "Invitation-Cookie": "x y" };
      expect(invite(nameless)).to.deep.equal({ type: "foreign" });
    });

    it("is read in any order and case, with unknown fields, and the first of doubled ones", () => {
      const read = parse(
        "application-filesize:12",
        "Application-File:  readme.txt",
        "Application-File: other.txt",
        "Session-ID: {1}",
        "Invitation-Cookie: 33267",
        "Invitation-Cookie: 1",
        "CONNECTIVITY: n",
        "Invitation-Command: Invite",
        `Application-GUID: ${GUID}`,
      );
      expect(read).to.deep.equal({ ...offer, connectivity: false });
      expect(invite({ Connectivity: "Y" })).to.deep.equal({ ...offer, connectivity: true });
      expect(invite({ Connectivity: "maybe" })).to.deep.equal(offer);
      expect(invite({ "Application-FileSize": "0" })).to.deep.equal({ ...offer, size: 0 });
      expect(invite({ "Application-File": "C:\\docs\\a: b.txt" })).to.deep.equal({ ...offer, file: "a b.txt" });
    });

    for (const word of ["0", "007", "-1", "4294967296", "1e3", "{5D3E02AB-6190-11d3}", "x", "9".repeat(128)]) {
      it(`has any word for a cookie: ${word.slice(0, 20)}`, () => {
        expect(invite({ "Invitation-Cookie": word })).to.deep.equal({ ...offer, cookie: word });
        expect(accept({ AuthCookie: word })).to.have.deep.property("transfer", { ...transfer, authCookie: word });
      });
    }

    const NUMBERS = ["", "-1", "NaN", "1e3", "0x10", "12 34", "1.5", "9".repeat(400), "12\0", "Infinity"];
    for (const number of NUMBERS) {
      it(`is malformed with the number ${JSON.stringify(number.slice(0, 20))}`, () => {
        const malformed = { type: "malformed", cookie: "33267", reason: "size" };
        expect(invite({ "Application-FileSize": number })).to.deep.equal(malformed);
      });
    }

    it("is malformed when something is missing or makes no sense", () => {
      const malformed = { type: "malformed", cookie: "33267" };
      expect(invite({ "Application-File": undefined })).to.deep.equal({ ...malformed, reason: "file" });
      expect(invite({ "Application-File": "a/.." })).to.deep.equal({ ...malformed, reason: "file" });
      expect(invite({ "Application-FileSize": undefined })).to.deep.equal({ ...malformed, reason: "size" });
      expect(invite({ "Invitation-Command": undefined })).to.deep.equal({ ...malformed, reason: "command" });
      expect(invite({ "Invitation-Command": "DANCE" })).to.deep.equal({ ...malformed, reason: "command" });
      for (const cookie of [undefined, "", "1 2", "1\0", "c\u00f6", "9".repeat(129)]) {
        expect(invite({ "Invitation-Cookie": cookie })).to.deep.equal({ type: "malformed", reason: "cookie" });
      }
      expect(parseInvitation(Buffer.alloc(0))).to.deep.equal({ type: "malformed", reason: "cookie" });
    });
  });

  describe("a yes", () => {
    it("is one without an address when all of that is missing or empty", () => {
      const yes = { type: "accept", cookie: "33267" };
      expect(accept({ "IP-Address": "", Port: "", AuthCookie: "" })).to.deep.equal(yes);
      expect(parse("invitation-command: Accept", "invitation-cookie: 33267")).to.deep.equal(yes);
    });

    it("has an address, and what else there may be of it", () => {
      expect(accept()).to.deep.equal({ type: "accept", cookie: "33267", transfer });
      const more = {
        "IP-Address-Internal": "192.168.1.10",
        PortX: "11178",
        "Sender-Connect": "true",
        "PortX-Internal": "1",
      };
      expect(accept(more)).to.deep.equal({
        type: "accept",
        cookie: "33267",
        transfer: {
          ...transfer,
          internalAddress: "192.168.1.10",
          portX: 11_178,
          portXInternal: 1,
          senderConnect: true,
        },
      });
      for (const yes of ["TRUE", "True", "yes", "Y", "1"])
        expect(accept({ "Sender-Connect": yes }), yes).to.have.nested.property("transfer.senderConnect", true);
      const nonsense = {
        "IP-Address-Internal": "router",
        PortX: "99999",
        "PortX-Internal": "x",
        "Sender-Connect": "FALSE",
      };
      expect(accept(nonsense)).to.deep.equal({ type: "accept", cookie: "33267", transfer });
    });

    const BAD: Array<Record<string, string>> = [
      { "IP-Address": "" },
      { "IP-Address": "localhost" },
      { "IP-Address": "203.0.113.700" },
      { "IP-Address": "fe80::1%eth0" },
      { "IP-Address": "203.0.113.7\0" },
      { Port: "" },
      { Port: "0" },
      { Port: "65536" },
      { Port: "-1" },
      { AuthCookie: "" },
      { AuthCookie: "1 OK" },
      { AuthCookie: "1\0" },
      { AuthCookie: "9".repeat(129) },
    ];
    for (const changes of BAD) {
      it(`is malformed with ${JSON.stringify(changes)}`, () => {
        expect(accept(changes)).to.deep.equal({ type: "malformed", cookie: "33267", reason: "address" });
      });
    }
  });

  it("reads why a transfer was ended", () => {
    const cancel = (code: string): Invitation => parse("Invitation-Command: cancel", "Invitation-Cookie: 5", code);
    expect(cancel("Cancel-Code: ftTimeout")).to.deep.equal({ type: "cancel", cookie: "5", code: "FTTIMEOUT" });
    expect(cancel("Cancel-Code: BORED")).to.deep.equal({ type: "cancel", cookie: "5", code: "unknown" });
    expect(cancel("X: 1")).to.deep.equal({ type: "cancel", cookie: "5", code: "unknown" });
    expect(parse("Invitation-Command: CANCEL")).to.deep.equal({ type: "malformed", reason: "cookie" });
  });

  // Whatever an invitation looks like, it ends in an event, and in a CANCEL where somebody waits and can understand it.
  const ANSWERS: Array<[what: string, invitation: Invitation, type: Invitation["type"], code?: string]> = [
    ["a good offer", invite(), "file-invite"],
    ["a good yes", accept(), "accept"],
    ["a yes without an address", accept({ "IP-Address": "", Port: "", AuthCookie: "" }), "accept"],
    ["a no", parse("Invitation-Command: CANCEL", "Invitation-Cookie: 5"), "cancel"],
    ["an offer of another program", invite({ "Application-GUID": VOICE }), "foreign", "REJECT_NOT_INSTALLED"],
    ["one without a cookie", invite({ "Application-GUID": VOICE, "Invitation-Cookie": undefined }), "foreign"],
    ["one with a bad cookie", invite({ "Application-GUID": VOICE, "Invitation-Cookie": "a b" }), "foreign"],
    ["an offer of nothing at all", parse("Invitation-Command: INVITE"), "foreign"],
    ["an offer without a cookie", invite({ "Invitation-Cookie": undefined }), "malformed"],
    ["an offer with a cookie that is too long", invite({ "Invitation-Cookie": "9".repeat(500) }), "malformed"],
    ["an offer without a file", invite({ "Application-File": undefined }), "malformed", "FAIL"],
    ["an offer of a file that is only a path", invite({ "Application-File": "../../" }), "malformed", "FAIL"],
    ["an offer without a size", invite({ "Application-FileSize": undefined }), "malformed", "FAIL"],
    ["an offer with a negative size", invite({ "Application-FileSize": "-1" }), "malformed", "FAIL"],
    ["an offer with an absurd size", invite({ "Application-FileSize": "9".repeat(400) }), "malformed", "FAIL"],
    ["a yes with a name for an address", accept({ "IP-Address": "localhost" }), "malformed", "FAIL"],
    ["a yes with an impossible port", accept({ Port: "65536" }), "malformed", "FAIL"],
    ["a yes without an auth cookie", accept({ AuthCookie: "" }), "malformed", "FAIL"],
    ["a command nobody knows", invite({ "Invitation-Command": "DANCE" }), "malformed"],
    ["no command", parse("Invitation-Cookie: 5"), "malformed"],
    ["nothing", parseInvitation(Buffer.alloc(0)), "malformed"],
  ];
  for (const [what, invitation, type, code] of ANSWERS) {
    it(`answers ${what} at once ${code === undefined ? "with nothing" : `with CANCEL ${code}`}`, () => {
      expect(invitation.type).to.equal(type);
      const answer = { type: "cancel", cookie: "33267", code };
      expect(answerTo(invitation)).to.deep.equal(code === undefined ? undefined : answer);
    });
  }

  it("goes by the first of doubled fields, good or bad", () => {
    const fields = [`Application-GUID: ${GUID}`, "Invitation-Command: INVITE", "Invitation-Cookie: 5"];
    const doubled = (...sizes: string[]): Invitation =>
      parse(
        ...fields,
        "Invitation-Cookie: x",
        "Application-File: a",
        ...sizes.map((size) => `Application-FileSize: ${size}`),
      );
    expect(answerTo(doubled("12", "-1"))).to.equal(undefined);
    expect(answerTo(doubled("-1", "12"))).to.deep.equal({ type: "cancel", cookie: "5", code: "FAIL" });
  });

  it("lets no field of ours begin a line of its own", () => {
    const body = encodeInvitation({ ...offer, file: "a\r\nInvitation-Cookie: 1\r\n\r\nx" });
    expect(body.split("\r\n")).to.have.length(8);
    expect(encodeInvitation({ ...offer, file: "../.." })).to.contain("Application-File: file\r\n");
  });

  describe("cleanFileName", () => {
    const NAMES: Array<[name: string, clean: string]> = [
      ["readme.txt", "readme.txt"],
      ["größe 😀.txt", "größe 😀.txt"],
      ["../../etc/passwd", "passwd"],
      ["C:\\Windows\\win.ini", "win.ini"],
      ["a:b.txt", "ab.txt"],
      ["\0.\u{1b}.bashrc", "bashrc"],
      [" . ..x ", "x"],
      ["a\r\nb", "ab"],
      ["photo\u{202e}gpj.exe", "photogpj.exe"],
      ["..", ""],
      ["dir/", ""],
      ["", ""],
      ["\u{d800}x", "\u{fffd}x"],
    ];
    for (const [name, clean] of NAMES) {
      it(`makes ${JSON.stringify(clean)} of ${JSON.stringify(name)}`, () => {
        expect(cleanFileName(name)).to.equal(clean);
      });
    }

    it("keeps the extension of a name that is too long", () => {
      expect(cleanFileName(`${"x".repeat(400)}.tar.gz`)).to.equal(`${"x".repeat(252)}.gz`);
      expect(cleanFileName("ä".repeat(200))).to.equal("ä".repeat(127));
      expect(cleanFileName(`x.${"y".repeat(400)}`)).to.equal(`x.${"y".repeat(253)}`);
    });

    it("makes any name safe, and leaves what is safe alone", () => {
      const unit = fc.oneof(anyText({ maxLength: 1 }), fc.constantFrom("/", "\\", ":", ".", "\0", " ", "語"));
      fc.assert(
        fc.property(fc.array(unit, { maxLength: 400, size: "max" }), (parts) => {
          const clean = cleanFileName(parts.join(""));
          expect(clean).not.to.match(/[/\\:\p{Cc}\p{Bidi_Control}]|^[.\s]|\s$/u);
          expect(Buffer.byteLength(clean)).to.be.at.most(255);
          expect(cleanFileName(clean)).to.equal(clean);
        }),
        { numRuns: 200 },
      );
    });
  });

  it("never fails on any bytes", () => {
    const names = [
      "Application-GUID",
      "Application-Name",
      "Invitation-Command",
      "Invitation-Cookie",
      "Application-File",
    ];
    const more = ["Application-FileSize", "IP-Address", "Port", "AuthCookie", "Cancel-Code", "X", ""];
    const value = fc.oneof(
      anyText({ maxLength: 20 }),
      fc.constantFrom(GUID, "INVITE", "ACCEPT", "CANCEL", "1", "-1", "1e999", "\r\n", "\0"),
    );
    const field = fc.tuple(fc.constantFrom(...names, ...more), value).map((pair) => `${pair.join(":")}\r\n`);
    const soup = fc.uint8Array().map((bytes) => Buffer.from(bytes));
    const fields = fc.array(field).map((lines) => Buffer.from(lines.join("")));
    fc.assert(
      fc.property(fc.oneof(soup, fields), (bytes) => {
        const invitation = parseInvitation(bytes);
        expect(invitation.type).to.be.oneOf(["file-invite", "accept", "cancel", "foreign", "malformed"]);
        const answer = answerTo(invitation);
        if (answer !== undefined) expect(parseInvitation(Buffer.from(encodeInvitation(answer)))).to.deep.equal(answer);
      }),
      { numRuns: RUNS },
    );
  });
});
