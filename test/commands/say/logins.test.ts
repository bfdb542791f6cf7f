import type { LoginInfo } from "../../../src/bridge/actions/logins.ts";
import {
  age,
  passwordRefused,
  sayPing,
  sayReconnected,
  sayReport,
  saySignedOut,
  saySignIn,
  sayState,
} from "../../../src/commands/say/logins.ts";
import { MsnError } from "../../../src/msn/index.ts";
import { says } from "../../support/says.ts";

const login = { passport: "a@b.c", network: "One" };
const error = new MsnError("timeout", "no answer");
const MINUTE = 60_000;

function info(state: LoginInfo["state"]): LoginInfo {
  return { name: "one/a@b.c", owner: "@alice:localhost", ...login, state };
}

const dates = { dateOf: (moment: number): Date => new Date(moment) };
const connected = info({ type: "connected", since: 0 });

describe("commands/say/logins", () => {
  says(
    (of: LoginInfo) => sayState(of, dates),
    [
      [connected, "a@b.c on One: signed in since 1970-01-01 00:00 UTC"],
      [info({ type: "connecting" }), "a@b.c on One: signing in right now"],
      [
        info({ type: "waiting", error, until: MINUTE }),
        "a@b.c on One: not connected (no answer); next try at 1970-01-01 00:01 UTC",
      ],
      [info({ type: "hindered", error }), "a@b.c on One: not connected (no answer); it signs in again by itself"],
      [
        info({ type: "stopped", error }),
        "a@b.c on One: signed out (no answer). Say reconnect or login to sign in again",
      ],
      [info({ type: "logged-out" }), "a@b.c on One: logged out. Say login to sign in again"],
    ],
  );
  says(
    (report: Parameters<typeof sayReport>[0]) => sayReport(report, MINUTE, dates),
    [
      [info({ type: "logged-out" }), "a@b.c on One: logged out. Say login to sign in again."],
      [
        { ...connected, seen: { lastHeard: 0, contacts: 2, online: 1, ignored: 0 } },
        "a@b.c on One: signed in since 1970-01-01 00:00 UTC; the server was last heard 60 s ago; 1 of 2 contacts are online.",
      ],
    ],
  );
  says(
    (pinged: Parameters<typeof sayPing>[0]) => sayPing(pinged, dates),
    [
      [connected, "a@b.c on One: signed in since 1970-01-01 00:00 UTC."],
      [
        { ...connected, answer: { type: "answered", ms: 12 } },
        "a@b.c on One: signed in since 1970-01-01 00:00 UTC; the server answered in 12 ms.",
      ],
      [
        { ...connected, answer: { type: "unanswered", error } },
        "a@b.c on One: signed in since 1970-01-01 00:00 UTC; but the server did not answer just now: no answer.",
      ],
    ],
  );
  says(saySignedOut, [
    [
      { ...login, way: "keep", left: 0 },
      "You are signed out of One as a@b.c, and your password is forgotten. Your rooms stay; what you write in them is not " +
        "delivered until you log in again.",
    ],
    [
      { ...login, way: "leave", left: 1 },
      "You are signed out of One as a@b.c, and your password is forgotten. 1 room was left by your contacts; after your " +
        "next login you get new ones when you need them.",
    ],
    [
      { ...login, way: "delete", left: 2 },
      "You are signed out of One as a@b.c, and your password is forgotten. 2 rooms were left by your contacts, and this " +
        "bridge has forgotten your chats.",
    ],
  ]);
  says(sayReconnected, [
    [{ type: "signing-in", ...login }, "I sign you in to One as a@b.c. Say status to see how it went."],
    [{ type: "logged-out", ...login }, "You have logged out. Say login to sign in again."],
  ]);
  says(
    (outcome: Parameters<typeof saySignIn>[0]) => saySignIn(outcome, "a@b.c", "One"),
    [
      [
        { type: "signed-in" },
        "You are signed in to One as a@b.c. Messages from your contacts open rooms by themselves; say start-chat <e-mail> " +
          "to write first.",
      ],
      [
        { type: "account-in-use" },
        "a@b.c is already in use on this bridge, by another user. You can take it over: the other user is logged out and " +
          "told that the account was taken over, but not by whom.",
      ],
      [
        { type: "too-many-wrong-passwords", waitMs: 15 * MINUTE },
        "You gave too many wrong passwords. Try again in 15 min: say login then.",
      ],
      [
        { type: "too-many-logins", most: 1 },
        "You may have one MSN account on this bridge. Say logout for one of them first.",
      ],
      [
        { type: "too-many-logins", most: 3 },
        "You may have 3 MSN accounts on this bridge. Say logout for one of them first.",
      ],
      [{ type: "sign-in-refused", error }, "One does not answer right now. Try again in a few minutes."],
    ],
  );
  says(passwordRefused, [
    [
      "One",
      "One refused the e-mail address or the password. The address has to be written as it was registered, capital letters " +
        "included.",
    ],
  ]);
  says(age, [
    [-5, "0 s"],
    [119_400, "119 s"],
    [2 * MINUTE, "2 min"],
    [2 * 60 * MINUTE, "2 h"],
  ]);
});
