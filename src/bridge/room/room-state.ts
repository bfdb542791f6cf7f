import { isRefusal } from "../../matrix/client/errors.ts";
import type { LoginScope } from "../scope/login-scope.ts";
import type { StateToSend } from "./bridge-info.ts";
import type { Members } from "./members.ts";
import { afterTelling, naming, ofAnyName, roomInfo, untold, type RoomInfo } from "./room-info.ts";

/** What a portal's room shows of its chat: tells Matrix what differs from what it has been told. */
export class RoomState {
  readonly #scope: LoginScope;
  readonly #portalId: number;
  readonly #members: Members;

  constructor(scope: LoginScope, portalId: number, members: Members) {
    this.#scope = scope;
    this.#portalId = portalId;
    this.#members = members;
  }

  /** What it is to show now. */
  get info(): RoomInfo {
    const { bot, network, row: login, store } = this.#scope;
    const { kind, remote } = store.portals.get(this.#portalId);
    const title = store.portals.title(this.#portalId);
    const server = { id: login.server, name: network.name };
    const members = this.#members.current().map((account) => this.#members.intentOf(account).userId);
    const names = this.#members.names();
    return roomInfo({ bot: bot.userId, server, passport: login.passport, kind, remote, title, names, members });
  }

  /** Tells what has changed, as far as the homeserver lets us. @throws MatrixError when it is away */
  async tell(): Promise<void> {
    try {
      await this.#tell();
    } catch (error) {
      if (!isRefusal(error)) throw error;
      this.#scope.log.info({ error, portal: this.#portalId }, "a room does not take what it is to show");
    }
  }

  /** Calls the room something that only its owner sees; null: as the bridge calls it. @throws MatrixError */
  async rename(title: string | null): Promise<void> {
    const { store } = this.#scope;
    store.batch(() => {
      store.portals.setTitle(this.#portalId, title);
      store.portals.setTold(this.#portalId, ofAnyName(store.portals.told(this.#portalId)));
    });
    await this.#tell();
  }

  /** The room has been named by a user; what its owner calls it stays, until they take that away. */
  noteName(sender: string, name: string | undefined): void {
    const { store, row: login } = this.#scope;
    store.batch(() => {
      if (sender === login.owner) store.portals.setTitle(this.#portalId, name ?? null);
      this.#hasTold([naming(name)]);
    });
  }

  async #tell(): Promise<void> {
    const { portals } = this.#scope.store;
    const { roomId } = portals.get(this.#portalId);
    if (roomId === null) return;
    for (const event of untold(this.info, portals.told(this.#portalId))) {
      await this.#members.mainIntent.sendState(roomId, event.type, event.state_key, event.content);
      // Another room has been told nothing of it.
      if (portals.get(this.#portalId).roomId !== roomId) return;
      this.#hasTold([event]);
    }
  }

  #hasTold(events: readonly StateToSend[]): void {
    const { portals } = this.#scope.store;
    portals.setTold(this.#portalId, afterTelling(portals.told(this.#portalId), events));
  }
}
