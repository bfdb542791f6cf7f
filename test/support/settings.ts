import type { Settings } from "../../src/bridge/base/settings.ts";

/** What a configuration with nothing but the necessary makes of the bridge. */
export const SETTINGS: Settings = {
  federate: true,
  deliveryReceipts: true,
  maxLogins: 10,
  cleanupOnLogout: "keep",
  spaces: false,
  createPortals: "on-message",
  strangers: "room",
  requests: "ask",
  messages: { emoticons: true, replies: "short", reactions: "off", notices: false },
  files: { receive: "auto", autoLimit: 100_000_000, dailyLimit: 1_000_000_000, maxSize: 1_000_000_000, client: {} },
  presence: { toMatrix: true, perSecond: 5, policy: "follow" },
};
