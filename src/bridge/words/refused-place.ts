import { refusedAddress, type RefusalReason } from "../../msn/index.ts";

const SETTINGS: Readonly<Record<RefusalReason, string | undefined>> = {
  private: "allow_private_addresses",
  "low-port": "allow_low_ports",
  nowhere: undefined,
};

/** That a server has sent us somewhere where we must not go, if that is what an error is about: one sentence. */
export function refusedPlace(error: unknown, server: string): string | undefined {
  const refused = refusedAddress(error);
  if (refused === undefined) return undefined;
  const setting = SETTINGS[refused.reason];
  const remedy =
    setting === undefined
      ? ""
      : `; if that is right, the admin of this bridge can allow it with msn.servers[].${setting}`;
  return `${server} sent this bridge to a place where it does not connect: ${refused.message}${remedy}.`;
}
