import type { Settings } from "../bridge/base/settings.ts";
import { placeOf } from "../util/destinations.ts";
import type { Config } from "./config.ts";

// Of one account, both ways together.
const FILES_AT_ONCE = 20;

/** What the configuration means for the inside of the bridge. */
export function settingsOf(config: Config): Settings {
  const { appservice, bridge, contacts, homeserver, matrix, media, messages, presence } = config;
  return {
    federate: matrix.federate_rooms,
    deliveryReceipts: matrix.delivery_receipts,
    maxLogins: bridge.max_logins,
    cleanupOnLogout: bridge.cleanup_on_logout,
    spaces: bridge.personal_filtering_spaces,
    createPortals: contacts.create_portals,
    strangers: contacts.strangers,
    requests: contacts.requests,
    messages: { ...messages, notices: bridge.bridge_notices },
    files: {
      receive: media.receive,
      autoLimit: media.auto_limit,
      dailyLimit: media.daily_limit,
      maxSize: media.max_size,
      client: {
        ...(media.public_address !== undefined && { publicAddress: media.public_address }),
        ports: media.ports,
        allowPrivateAddresses: media.allow_private_addresses,
        // What listens here is not meant for contacts, even where their programs run on this machine as well.
        closedPorts: [appservice.port, placeOf(homeserver.address).port],
        maxSize: media.max_size,
        maxTransfers: FILES_AT_ONCE,
      },
    },
    presence: { toMatrix: presence.to_matrix, perSecond: presence.per_second, policy: presence.policy },
  };
}
