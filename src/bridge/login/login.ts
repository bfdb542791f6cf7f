import type { UserIntent } from "../../matrix/client/intent.ts";
import type { LoginRow } from "../../store/logins.ts";
import type { PortalRow } from "../../store/portals.ts";
import { settleAll } from "../../util/settle-all.ts";
import { mainIntentOf } from "../room/members.ts";
import type { BridgeScope } from "../scope/bridge-scope.ts";
import { loginScope, type LoginScope } from "../scope/login-scope.ts";
import type { RoomFollower } from "../scope/room-followers.ts";
import { accountScope } from "../session/account-scope.ts";
import { Session, type Network } from "../session/session.ts";
import { LoginSpaces } from "../spaces/spaces.ts";
import { ContactRequests } from "../from-msn/contact-requests.ts";
import { EagerPortals } from "../portal/eager-portals.ts";
import { FromContacts } from "../from-msn/from-contacts.ts";
import { HeldBack } from "../from-msn/held-back.ts";
import { Strangers } from "../from-msn/strangers.ts";
import { LoginEvents } from "../from-msn/login-events.ts";
import { LoginPortals } from "../portal/login-portals.ts";
import { Outage } from "../from-msn/outage.ts";
import { OwnStatus } from "../own-status/own-status.ts";
import type { SharedLimits } from "./shared-limits.ts";
import type { UnstoredEvents } from "../from-msn/unstored-events.ts";
import { WantedStatus } from "../own-status/wanted-status.ts";

/** One MSN account of one Matrix user, with its session and its portals: the list of its parts. */
export class Login implements RoomFollower {
  readonly row: LoginRow;
  readonly network: Network;
  readonly session: Session;
  readonly ownStatus: OwnStatus;
  readonly portals: LoginPortals;
  readonly strangers: Strangers;
  /** What strangers have said and its owner has not asked for. */
  readonly heldBack: HeldBack;
  /** Undefined where logins have none. */
  readonly spaces: LoginSpaces | undefined;
  readonly #scope: LoginScope;
  readonly #eager: EagerPortals;
  readonly #events: LoginEvents;

  constructor(bridge: BridgeScope, row: LoginRow, network: Network, limits: SharedLimits) {
    const account = accountScope(bridge, row, network);
    const wanted = new WantedStatus(bridge, row, limits.firstPresence);
    const session = new Session(account, limits.sessions, wanted);
    const scope = loginScope(bridge, account, session);
    [this.row, this.network, this.session, this.#scope] = [row, network, session, scope];
    this.ownStatus = new OwnStatus(scope, wanted);
    this.portals = new LoginPortals(scope);
    this.spaces = bridge.settings.spaces ? new LoginSpaces(scope, limits.spaces) : undefined;
    this.#eager = new EagerPortals(scope, this.portals, limits.rooms);
    this.heldBack = new HeldBack(scope, this.portals);
    this.strangers = new Strangers(scope, this.portals, this.heldBack);
    this.#events = new LoginEvents(scope, {
      contacts: new FromContacts(scope, this.portals, this.strangers),
      strangers: this.strangers,
      heldBack: this.heldBack,
      requests: new ContactRequests(scope),
      outage: new Outage(scope),
      ownStatus: this.ownStatus,
      eager: this.#eager,
      spaces: this.spaces,
    });
    scope.roomFollowers.add(this);
    session.attach(this.#events);
  }

  /** What was said and could not be written down. */
  get unstored(): UnstoredEvents {
    return this.#events.unstored;
  }

  /** What people know a contact as. */
  nameOf(contact: string): string {
    return this.#scope.names.nameOf(contact);
  }

  /** Acts as the user who looks after the room of one of its portals. */
  mainIntentOf(portal: PortalRow): UserIntent {
    return mainIntentOf(this.#scope, portal);
  }

  roomsChanged(): void {
    this.spaces?.wake();
    this.#scope.puppets.wake(this.row.owner);
  }

  /** Ends what it does by itself; the rest stays in the journal. */
  async stop(): Promise<void> {
    await settleAll([this.portals.stop(), this.#eager.stop()]);
  }
}
