import {
  askToBroadcast,
  sayAllLogins,
  sayBroadcast,
  sayKick,
  sayLogin,
  sayStats,
  sayUsers,
} from "../../../src/commands/say/admin.ts";
import { says } from "../../support/says.ts";

const owner = "@alice:localhost";
const name = "one/a@b.c";

describe("commands/say/admin", () => {
  says(sayUsers, [
    [[], ["Nobody has talked to me so far."]],
    [
      [
        { userId: "@ada:localhost", level: "admin", logins: [] },
        { userId: owner, level: "user", logins: [name, "two/a@b.c"] },
      ],
      ["@ada:localhost (admin): no logins", "@alice:localhost (user): one/a@b.c, two/a@b.c"],
    ],
  ]);
  says(
    (logins: Parameters<typeof sayAllLogins>[0]) => sayAllLogins(logins, { dateOf: (moment) => new Date(moment) }),
    [
      [[], ["There are no logins."]],
      [
        [{ name, owner, passport: "a@b.c", network: "One", state: { type: "connecting" } }],
        ["@alice:localhost: a@b.c on One: signing in right now."],
      ],
    ],
  );
  const stats = {
    startedAt: new Date(0),
    logins: new Map([["connected", 2]] as const),
    portals: 3,
    portalsWithRoom: 1,
    waiting: { toMsn: 4, toMatrix: 5 },
    oldest: undefined,
    notices: 6,
    memory: 100 * 2 ** 20,
  };
  says(
    (of: Parameters<typeof sayStats>[0]) => sayStats(of).slice(1),
    [
      [
        stats,
        [
          "Logins: 2 connected",
          "Chats: 3, of which 1 has a room",
          "Messages on their way: 4 to MSN, 5 to Matrix",
          "What I have to say and have not said yet: 6",
        ],
      ],
      [
        { ...stats, logins: new Map(), portalsWithRoom: 2, oldest: 5000 },
        [
          "Logins: none",
          "Chats: 3, of which 2 have a room",
          "Messages on their way: 4 to MSN, 5 to Matrix; the oldest has waited for 5 s",
          "What I have to say and have not said yet: 6",
        ],
      ],
    ],
  );
  says(sayKick, [
    [{ type: "kicked", who: owner, logins: [name] }, `${owner} is signed out of ${name}, and was told.`],
    [{ type: "not-signed-in", who: owner, logins: [] }, `${owner} is not signed in. Say admin logins.`],
    [{ type: "not-signed-in", who: "", logins: [] }, "Nobody is not signed in. Say admin logins."],
  ]);
  says(sayLogin, [
    [{ type: "disconnected", name, owner }, `${name} of ${owner} is disconnected, and she was told.`],
    [
      { type: "signing-in", name, owner },
      `${name} of ${owner} is being signed in. Say admin logins to see how it went.`,
    ],
    [{ type: "not-allowed", owner }, `${owner} may not use this bridge any more.`],
    [{ type: "unknown-login", name: "x" }, "There is no login x. Say admin logins to see all."],
    [
      { type: "ambiguous-login", known: [name, "two/a@b.c"] },
      `There are several: ${name}, two/a@b.c. Name one in full.`,
    ],
  ]);
  says(
    (people: number) => `${askToBroadcast(people, "Hi")} ${sayBroadcast(people)}`,
    [
      [1, "1 person will read from me: “Hi”. I tell it to 1 person."],
      [2, "2 people will read from me: “Hi”. I tell it to 2 people."],
    ],
  );
});
