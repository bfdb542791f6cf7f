import { STATUSES, type Status } from "../../msn/index.ts";
import type { LoginRow, StatusPolicy } from "../../store/logins.ts";
import type { OwnPresence } from "../../convert/ephemeral-event.ts";
import type { SeenPresence } from "../presence/activity.ts";
import type { BridgeScope } from "../scope/bridge-scope.ts";
import type { FirstPresence } from "./first-presence.ts";
import type { StatusSource } from "../session/listener.ts";

/** The right status, and until when it is that at least. */
export interface RightStatus {
  readonly status: Status;
  readonly until?: number;
}

// Clients come and go in seconds, for instance when a phone changes networks.
const AWAY_AFTER_MS = 30_000;

const FOLLOWED: Readonly<Record<OwnPresence, Status>> = {
  online: "NLN",
  busy: "BSY",
  unavailable: "AWY",
  offline: "AWY",
};

/** Which status the contacts of a login should see: what the user chose, or what they do on Matrix. */
export class WantedStatus implements StatusSource {
  readonly #scope: BridgeScope;
  readonly #row: LoginRow;
  readonly #first: Pick<FirstPresence, "of">;

  constructor(scope: BridgeScope, row: LoginRow, first: Pick<FirstPresence, "of">) {
    this.#scope = scope;
    this.#row = row;
    this.#first = first;
  }

  get policy(): StatusPolicy {
    const { store, settings } = this.#scope;
    return store.logins.statusPolicy(this.#row.id) ?? settings.presence.policy;
  }

  set(policy: StatusPolicy): void {
    this.#scope.store.logins.setStatusPolicy(this.#row.id, policy);
  }

  /** The user chooses a status, which stands from now on. */
  choose(status: Exclude<Status, "FLN">): void {
    this.#scope.store.logins.setWantedStatus(this.#row.id, status);
    this.set("manual");
  }

  async prepare(): Promise<void> {
    if (this.policy === "follow") await this.#first.of(this.#row.owner);
  }

  statusAfter(shown: Status): Status {
    return this.rightAfter(shown).status;
  }

  /** @param shown what contacts see now */
  rightAfter(shown: Status): RightStatus {
    switch (this.policy) {
      case "always":
        return { status: "NLN" };
      case "follow":
        return this.#follow(shown);
      case "manual": {
        const { wantedStatus } = this.#scope.store.logins.get(this.#row.id);
        return { status: STATUSES.find((status) => status === wantedStatus && status !== "FLN") ?? "NLN" };
      }
    }
  }

  #follow(shown: Status): RightStatus {
    const { clock, activity } = this.#scope;
    const { owner } = this.#row;
    const seen = activity.presenceOf(owner);
    if (seen === undefined) return followActivity(activity.activeUntil(owner));
    return followPresence(seen, shown, clock.now());
  }
}

// Where the homeserver says nothing of the user, what they do has to be enough.
function followActivity(activeUntil: number | undefined): RightStatus {
  return activeUntil === undefined ? { status: "AWY" } : { status: "NLN", until: activeUntil };
}

// Online at once, but away only after a while.
function followPresence({ presence, at }: SeenPresence, shown: Status, now: number): RightStatus {
  const status = FOLLOWED[presence];
  const until = at + AWAY_AFTER_MS;
  const isThere = shown === "NLN" || shown === "BSY";
  return status === "AWY" && isThere && now < until ? { status: shown, until } : { status };
}
