import type { CommandTable } from "../wire/command-table.ts";
import { groupCommands } from "./group-commands.ts";
import { listCommands } from "./list-commands.ts";
import type { NotificationSession } from "./notification-session.ts";
import { presenceCommands } from "./presence-commands.ts";
import { profileCommands } from "./profile-commands.ts";
import { sessionCommands } from "./session-commands.ts";

/** All that a client can ask the notification server for. */
export const NOTIFICATION_COMMANDS: CommandTable<NotificationSession> = {
  ...sessionCommands,
  ...presenceCommands,
  ...profileCommands,
  ...listCommands,
  ...groupCommands,
};
