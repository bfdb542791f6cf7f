import type { MatrixEvent } from "../../convert/matrix-event.ts";
import { toldTo } from "../../convert/text/addressed.ts";
import { commandText } from "../../convert/to-msn.ts";

/** How users address the bot. */
export interface BotAddress {
  readonly userId: string;
  /** What the bot is called. */
  readonly name: string;
  /** What commands may, and outside the room with the bot must, begin with. */
  readonly prefix: string;
}

/**
 * What an event says to the bot behind the prefix or its name; undefined when it begins with neither.
 * @param isChat whether it would go to a contact otherwise
 */
export function saidTo(bot: BotAddress, event: MatrixEvent, isChat: boolean): string | undefined {
  const text = commandText(event);
  return text === undefined ? undefined : toldTo(text, event.content, bot, isChat);
}
