import type { PuppetIntent } from "../../matrix/client/puppet.ts";
import type { Limiter } from "../../util/limiter.ts";
import type { BaseScope } from "../base/scope.ts";
import type { Ghosts } from "../ghosts/ghosts.ts";

/** With what the bridge may act for users. */
export interface PuppetRights {
  /** Acts as a user; undefined when the bridge may not. */
  intentOf(owner: string): PuppetIntent | undefined;
  /** The homeserver does not let the bridge act for a user any more. */
  lose(owner: string): void;
}

/** What the puppets of all users share. */
export interface PuppetScope extends BaseScope {
  readonly ghosts: Ghosts;
  readonly rights: PuppetRights;
  /** Lets only so many users be served at the same time. */
  readonly limiter: Limiter;
}

export function puppetScope(scope: BaseScope, ghosts: Ghosts, rights: PuppetRights, limiter: Limiter): PuppetScope {
  return { ...scope, ghosts, rights, limiter };
}
