import type { PortalRow, PortalTable } from "../../store/portals.ts";
import type { SaidTable } from "../../store/said.ts";
import type { PortalFilesOptions } from "../files/portal-files.ts";
import type { Presence } from "../presence/presence.ts";
import type { MatrixDeliveryOptions } from "./matrix-delivery.ts";
import type { MsnDeliveryOptions } from "./msn-delivery.ts";
import type { OpenRoom } from "../room/room.ts";
import type { Session } from "../session/session.ts";

/** What a portal needs of its login. */
export interface PortalOptions
  extends
    Omit<MatrixDeliveryOptions, "portalId" | "room">,
    Omit<
      MsnDeliveryOptions,
      | "portalId"
      | "answer"
      | "sayOnce"
      | "signal"
      | "clock"
      | "batch"
      | "log"
      | "journal"
      | "ghost"
      | "name"
      | "say"
      | "sendFile"
      | "takeBackFile"
    >,
    Pick<PortalFilesOptions, "transfers" | "means" | "turns"> {
  readonly row: PortalRow;
  readonly portals: PortalTable;
  readonly said: SaidTable;
  readonly session: Session;
  readonly presence: Pick<Presence, "roomOpened">;
  /** Gives the portal its room, made if there is none. @throws MatrixError */
  readonly makeRoom: () => Promise<OpenRoom>;
  /** Gives a ghost its name before people see it. @throws MatrixError */
  readonly introduce: (account: string) => Promise<void>;
  /** The portal has got another room, or has lost its own. */
  readonly onRoom: () => void;
}
