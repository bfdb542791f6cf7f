import type { EventOf } from "../../convert/matrix-event.ts";
import { MsnError } from "../../msn/index.ts";
import type { Login } from "../login/login.ts";
import type { Portal } from "../portal/portal.ts";
import { ensureLeft } from "../room/membership.ts";
import { becameGroup, GROUPS_HAVE_ROOMS, notCalled, otherNetwork } from "../words/groups.ts";
import type { InboundScope } from "./scope.ts";

/** A portal whose room has changed, and the login that it belongs to. */
export interface ChangedPortal {
  readonly portal: Portal;
  readonly login: Login;
}

/** To invite a ghost is to call the contact (docs/msnp.md 4.3). The ghost joins when they do. */
export class GhostCall {
  readonly #scope: InboundScope;
  readonly #changed: ChangedPortal;
  readonly #event: EventOf<"member">;
  // Only what the homeserver fails to do is done again.
  #calling: Promise<Portal | string> | undefined;
  #reason: string | undefined;

  constructor(scope: InboundScope, changed: ChangedPortal, event: EventOf<"member">) {
    this.#scope = scope;
    this.#changed = changed;
    this.#event = event;
  }

  /** Calls the contact, once however often this is called. @throws MatrixError */
  async run(): Promise<void> {
    const { userId, roomId } = this.#event;
    this.#calling ??= this.#call();
    const called = await this.#calling;
    this.#reason ??= typeof called === "string" ? called : await this.#goOn(called);
    if (this.#reason !== undefined) await ensureLeft(this.#scope.ghosts.byUserId(userId), roomId, this.#reason);
  }

  /** The chat goes on as a group. @returns why the ghost does not join the room into which it was invited */
  async #goOn(group: Portal): Promise<string | undefined> {
    const { portal } = this.#changed;
    if (group === portal) return undefined;
    const { roomId } = await group.room.ensure();
    portal.show({ type: "notice", text: becameGroup(group.room.state.info.called, roomId) });
    return GROUPS_HAVE_ROOMS;
  }

  /** @returns the portal in which the chat goes on, or why the contact could not be called, which is told */
  async #call(): Promise<Portal | string> {
    const { ghosts, store } = this.#scope;
    const { portal, login } = this.#changed;
    const { userId } = this.#event;
    const who = store.ghosts.findByUserId(userId) ?? ghosts.accountOf(userId);
    const name = who === undefined ? userId : login.nameOf(who.passport);
    if (who?.server !== login.row.server) return this.#refuse(otherNetwork(name, login.network.name));
    try {
      return await login.portals.invite(portal, who.passport);
    } catch (error) {
      if (error instanceof MsnError) return this.#refuse(notCalled(error, name));
      throw error;
    }
  }

  #refuse(sentence: string): string {
    this.#changed.portal.show({ type: "notice", text: sentence });
    return sentence;
  }
}
