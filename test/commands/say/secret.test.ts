import { sayNotPrivate, sayRemoval } from "../../../src/commands/say/secret.ts";
import { says } from "../../support/says.ts";

const KEPT = "The homeserver may keep the original for a while.";

describe("commands/say/secret", () => {
  says(
    (removal: Parameters<typeof sayRemoval>[0]) => sayRemoval(removal, "password"),
    [
      [{ removed: 1, kept: 0 }, `I removed your message with the password. ${KEPT}`],
      [
        { removed: 0, kept: 1, reason: "refused" },
        `I could not remove your message with the password (I have no power for it in this room): please delete it yourself. ${KEPT}`,
      ],
      [
        { removed: 1, kept: 1, reason: "unanswered" },
        `I could not remove all versions of your message with the password (the homeserver does not answer): please delete it yourself. ${KEPT}`,
      ],
    ],
  );
  for (const redaction of ["", "I removed it."])
    says(
      (reason: Parameters<typeof sayNotPrivate>[0]) => sayNotPrivate(reason, "access token", redaction),
      [
        ["chat", `Say that in your chat with me, so that nobody else gets your access token. ${redaction}`.trim()],
        [
          "unanswered",
          `The homeserver does not tell me who else is in this room. Try again in a few minutes. ${redaction}`.trim(),
        ],
        [
          "company",
          "Somebody else is in this room or invited to it, so I don't take a access token here. Start a direct chat with me " +
            `alone.${redaction === "" ? "" : ` They may have read your access token: change it. ${redaction}`}`,
        ],
      ],
    );
});
