import { sayFailure, sayNoLogin } from "../../../src/commands/say/failures.ts";
import type { ListFailure } from "../../../src/bridge/actions/lists.ts";
import { MatrixError } from "../../../src/matrix/client/errors.ts";
import { MsnError, type MsnErrorCode, type ServerReason } from "../../../src/msn/index.ts";
import { says } from "../../support/says.ts";

function refused(what: string, code: MsnErrorCode, reason?: ServerReason): ListFailure {
  const error = new MsnError(code, "no", { ...(reason !== undefined && { reason }) });
  return { type: "list-refused", what, network: "One", error };
}

describe("commands/say/failures", () => {
  says(sayFailure, [
    [{ type: "homeserver-away" }, "The homeserver does not answer right now. Try again in a few minutes."],
    [
      {
        type: "homeserver-refused",
        error: new MatrixError("forbidden", "x", { errcode: "M_FORBIDDEN", reason: "You are banned" }),
      },
      "The homeserver refused this (M_FORBIDDEN: You are banned). If it stays so, tell whoever runs this bridge.",
    ],
    [
      { type: "homeserver-refused", error: new MatrixError("too-large", "x") },
      "The homeserver refused this (no error code: without a reason). If it stays so, tell whoever runs this bridge.",
    ],
  ]);
  says(sayNoLogin, [
    [{ type: "no-logins" }, "You are not logged in. Say login <e-mail> <password> first."],
    [{ type: "unknown-login", name: "x", known: ["a@b.c", "d@e.f"] }, "You have no login x. Yours: a@b.c, d@e.f."],
    [{ type: "ambiguous-login", known: ["one/a@b.c"] }, "Say on which server you mean it. Yours: one/a@b.c."],
    [
      { type: "several-logins", known: ["a@b.c", "d@e.f"] },
      "You have several logins, so add which one you mean: a@b.c, d@e.f.",
    ],
  ]);
  says(sayFailure, [
    [
      { type: "no-group", name: "Work", known: [] },
      "You have no group Work. You have none yet. Say group add <name> to make one.",
    ],
    [
      { type: "no-group", name: "Work", known: ["Play", "Rest"] },
      "You have no group Work. Yours: Play, Rest. Say group add <name> to make one.",
    ],
  ]);
  says(sayFailure, [
    [
      { type: "not-signed-in", passport: "a@b.c", network: "One" },
      "a@b.c is not signed in to One right now. Say status to see why.",
    ],
    [refused("x", "rejected", "invalid-argument"), "The server does not take x for an e-mail address."],
    [refused("x", "rejected", "no-such-account"), "There is no MSN account x on this server. Check the spelling."],
    [
      refused("x", "rejected", "list-full"),
      "Your list is full, so the server takes nobody more. Remove somebody first.",
    ],
    [refused("x", "rejected", "group-exists"), "You have a group x already."],
    [
      refused("x", "timeout"),
      "One did not answer, which may mean that it refuses this. Say contacts to see what is true now.",
    ],
    [
      refused("x", "connection-closed"),
      "The connection to One broke meanwhile. Say contacts later to see whether it was done.",
    ],
    [refused("x", "server-busy"), "One is too busy right now. Say it again in a minute."],
    [refused("x", "protocol"), "One refused this: no."],
  ]);
});
