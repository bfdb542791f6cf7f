import { saySync } from "../../../src/commands/say/sync.ts";
import { says } from "../../support/says.ts";

const nothing = { names: 0, rooms: 0, invitations: 0, failed: 0, refused: 0 };

describe("commands/say/sync", () => {
  says(saySync, [
    [{ type: "synced", contacts: 1, ...nothing }, "1 contact compared: everything was as it should be."],
    [
      { type: "synced", contacts: 9, names: 1, rooms: 2, invitations: 3, failed: 4, refused: 5 },
      "9 contacts compared: 1 name was set anew; 3 invitations were missing; 2 unused rooms are replaced with the next " +
        "message; the homeserver does not let me bring you into 5 rooms; 4 chats could not be checked: say sync again later.",
    ],
    [
      { type: "not-signed-in", passport: "a@b.c", network: "One" },
      "a@b.c is not signed in to One right now. Say status to see why.",
    ],
    [{ type: "homeserver-away" }, "The homeserver does not answer right now. Try again in a few minutes."],
  ]);
});
