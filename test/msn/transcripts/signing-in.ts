import { expect } from "chai";
import { MsnError, type Contact } from "../../../src/msn/index.ts";
import {
  ARRIVAL,
  BEN,
  CLEO,
  DOV,
  EVA,
  LOGIN,
  online,
  PASSPORT,
  presence,
  type Dialogues,
  type Passport,
} from "../../support/dialogue.ts";
import { NEXUS } from "../../support/memory-msn.ts";
import { rejection } from "../../support/rejection.ts";

const OFFICIAL_LOGIN = "https://login.example.net/login2.srf";

function contact(account: string, rest: Partial<Contact>): Contact {
  const nothing = { lists: new Set<never>(), groups: new Set<never>(), phones: new Map<never, never>() };
  return { account, name: account, ...nothing, status: "FLN", capabilities: 0, ...rest };
}

/** The ways in which `sign-in-refused` fails: what the caller is told, and the server's number. */
const REFUSALS: ReadonlyArray<readonly [code: string, serverCode: number | undefined]> = [
  ["rejected", undefined],
  ["bad-credentials", 911],
  ["server-busy", 601],
  ["bad-credentials", undefined],
  ["bad-credentials", 911],
  ["bad-credentials", 928],
  ["server-busy", 603],
  ["rejected", 731],
];

/** The first to come has the wrong password. */
function refusingOnce(): Passport {
  const wrong = { status: 401, headers: { "WWW-Authenticate": "Passport1.4 da-status=failed" } };
  const good = PASSPORT[LOGIN];
  let isFirst = true;
  const login = (): Response => {
    if (!isFirst && good !== undefined) return good();
    isFirst = false;
    return new Response(null, wrong);
  };
  return { ...PASSPORT, [LOGIN]: login };
}

export const signingIn: Dialogues = {
  arrival: {
    play: online(({ client, requests }) => {
      expect(requests.map(({ url }) => url)).to.deep.equal([NEXUS, LOGIN]);
      expect(requests[1]?.authorization).to.equal(
        "Passport1.4 OrgVerb=GET,OrgURL=http%3A%2F%2Fmessenger%2Emsn%2Ecom,sign-in=ada%40example.com," +
          "pwd=sea%2C%20wind%20%3D%20100%25,ct=1,rver=1,wp=FS_40SEC_0_COMPACT,lc=1,id=1",
      );
      expect(client.isConnected).to.equal(true);
      expect(client.status).to.equal("NLN");
      expect(client.roster).to.deep.equal({
        contacts: new Map([
          [
            BEN,
            contact(BEN, {
              name: "Ben",
              lists: new Set(["FL", "AL", "RL"]),
              groups: new Set(["1"]),
              phones: new Map([["PHH", "040 555 12"]]),
              status: "AWY",
            }),
          ],
          [CLEO, contact(CLEO, { name: "Cleo M", lists: new Set(["FL", "AL"]), groups: new Set(["1", "2"]) })],
          [DOV, contact(DOV, { lists: new Set(["BL"]) })],
        ]),
        groups: new Map([
          ["1", "Ropes & sails"],
          ["2", "Choir"],
        ]),
        phones: new Map([["PHW", "030 555 77"]]),
        privacy: "AL",
        asksOnAdd: true,
        version: 1,
        lastListed: DOV,
      });
    }),
    reports: ARRIVAL,
  },
  "arrival-official": {
    passport: () => ({
      [NEXUS]: () =>
        new Response(null, {
          headers: { PassportURLs: "DARealm=Passport.Net,DALogin=login.example.net/login2.srf,ConfigVersion=11" },
        }),
      [OFFICIAL_LOGIN]: () =>
        new Response(null, {
          headers: {
            "Authentication-Info":
              "Passport1.4 da-status=success,tname=MSPAuth,tname=MSPProf,from-PP='t=5Qk*RwZ!7$$&p=7dVn,b=1',ru=http://messenger.msn.com",
          },
        }),
    }),
    play: async (stage) => {
      const { client } = stage;
      await client.connect();
      await client.ping();
      await stage.all();
      expect(stage.requests.at(-1)).to.have.property("url", OFFICIAL_LOGIN);
      expect(stage.requests.at(-1)?.authorization).to.match(
        /,lc=1033,id=507,.*,tpf=0c4ad11e93b7f26658de0a417b92c3f5$/u,
      );
      expect(client.roster).to.include({ privacy: "BL", asksOnAdd: false, version: 248 });
      expect(client.roster.contacts.get(DOV)).to.deep.equal(contact(DOV, { name: "Dov", lists: new Set(["BL"]) }));
      expect(client.roster.contacts.get(BEN)).to.deep.include({ capabilities: 268_435_508, groups: new Set(["4"]) });
      expect(client.roster.contacts.get(BEN)?.phones).to.deep.equal(new Map([["MOB", "Y"]]));
      expect(client.contacts.requests).to.deep.equal([EVA]);
      await client.disconnect();
    },
    reports: [
      {
        type: "notice",
        notice: {
          type: "profile",
          fields: new Map([
            ["mime-version", "1.0"],
            ["content-type", "text/x-msmsgsprofile; charset=UTF-8"],
            ["logintime", "1793444402"],
            ["emailenabled", "1"],
            ["memberidhigh", "88012"],
            ["memberidlow", "-1203341775"],
            ["lang_preference", "1033"],
            ["country", "DE"],
            ["age", ""],
            ["kv", "5"],
          ]),
        },
      },
      { type: "notice", notice: { type: "mailbox", unread: 2, unreadInFolders: 0, url: "/cgi-bin/HoTMaiL" } },
      { type: "request", account: EVA, name: "Eva" },
      presence(BEN, "BSY", "Ben"),
      {
        type: "notice",
        notice: {
          type: "mail",
          from: "Grüße Ben",
          address: BEN,
          subject: "Boot für morgen",
          url: "http://www.hotmail.example.net/getmsg:7",
        },
      },
    ],
  },
  dispatch: {
    play: online(({ client }) => {
      expect(client.isConnected).to.equal(true);
    }),
    reports: ARRIVAL,
  },
  "no-ticket": {
    passport: () => ({}),
    play: online(({ client, requests }) => {
      expect(client.isConnected).to.equal(true);
      expect(requests).to.deep.equal([]);
    }),
    reports: [presence(BEN, "NLN", "Ben")],
  },
  "sign-in-refused": {
    passport: refusingOnce,
    play: async ({ client, events }) => {
      for (const [at, [code, serverCode]] of REFUSALS.entries()) {
        const error = await rejection(client.connect());
        expect(error, `refusal ${at + 1}`)
          .to.be.instanceOf(MsnError)
          .and.to.include({ code, serverCode });
        expect(client.isConnected).to.equal(false);
      }
      expect(events).to.deep.equal([]);
    },
    reports: [],
  },
};
