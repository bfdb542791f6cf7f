import {
  ClientEvent,
  type MatrixClient,
  type MatrixEvent,
  MsgType,
  PendingEventOrdering,
  Preset,
  type Room,
  SyncState,
  createClient,
} from "matrix-js-sdk";
import { type Logger, logger as sdkLogger } from "matrix-js-sdk/lib/logger.js";
import { until } from "../../support/until.ts";

const WAIT_MS = 60_000;
const REQUEST_LIMIT_MS = 60_000;
const PRESETS = { trusted_private_chat: Preset.TrustedPrivateChat, private_chat: Preset.PrivateChat };

export interface PersonMessage {
  readonly sender: string;
  readonly eventId: string;
  /** Empty once redacted, as everything in the content is then gone. */
  readonly body: string;
  readonly msgtype: string;
  readonly content: Readonly<Record<string, unknown>>;
  readonly redacted: boolean;
}

export interface Invite {
  readonly roomId: string;
  readonly inviter: string | undefined;
  readonly isDirect: boolean;
}

export interface PersonMember {
  readonly userId: string;
  readonly membership: string;
  readonly displayName: string;
}

const nothing = (): void => undefined;
const quiet: Logger = {
  trace: nothing,
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  getChild: () => quiet,
};

// Some parts of the SDK do not use the logger of their client.
Object.assign(sdkLogger, quiet, { log: nothing });

/** A person in a Matrix client, with the SDK that real clients are made of. Every wait ends after a time. */
export class Person {
  readonly userId: string;
  /** The SDK itself, for what this class has no word for. */
  readonly client: MatrixClient;

  private constructor(client: MatrixClient, userId: string) {
    this.client = client;
    this.userId = userId;
  }

  static async signIn(url: string, userId: string, accessToken: string, deviceId: string): Promise<Person> {
    const client = createClient({
      baseUrl: url,
      userId,
      accessToken,
      deviceId,
      logger: quiet,
      localTimeoutMs: REQUEST_LIMIT_MS,
      disableVoip: true,
    });
    const person = new Person(client, userId);
    let refusal: string | undefined;
    client.on(ClientEvent.Sync, (state, _previous, details) => {
      refusal = state === SyncState.Error ? (details?.error?.message ?? "no reason given") : undefined;
    });
    await client.startClient({
      initialSyncLimit: 500,
      pendingEventOrdering: PendingEventOrdering.Detached,
      pollTimeout: 5000,
    });
    try {
      await until(
        `${userId} to sync`,
        () => {
          if (refusal !== undefined) throw new Error(`${userId} cannot sync: ${refusal}`);
          return client.isInitialSyncComplete();
        },
        WAIT_MS,
      );
    } catch (error) {
      person.stop();
      throw error;
    }
    return person;
  }

  /** Closes the client; the person stays signed in on the homeserver. */
  stop(): void {
    this.client.stopClient();
  }

  /** Makes a direct room and invites the other one, as a client's "start a chat" does. */
  async directRoomWith(userId: string, preset: keyof typeof PRESETS = "trusted_private_chat"): Promise<string> {
    const { room_id: roomId } = await this.client.createRoom({
      is_direct: true,
      invite: [userId],
      preset: PRESETS[preset],
    });
    await this.#untilJoined(roomId, WAIT_MS);
    return roomId;
  }

  /** The invites this person has not answered. */
  invites(): Invite[] {
    const rooms = this.client.getRooms().filter((room) => room.getMyMembership() === "invite");
    return rooms.map((room) => this.#inviteTo(room));
  }

  invitesFrom(userId: string): Invite[] {
    return this.invites().filter((invite) => invite.inviter === userId);
  }

  /** Waits for an invite that `wanted` likes, accepts it, and gives the room. */
  async joinInvited(wanted: (invite: Invite) => boolean, ms = WAIT_MS): Promise<string> {
    const { roomId } = await until(`an invite for ${this.userId}`, () => this.invites().find(wanted), ms);
    await this.join(roomId);
    return roomId;
  }

  async join(roomId: string): Promise<void> {
    await this.client.joinRoom(roomId);
    await this.#untilJoined(roomId, WAIT_MS);
  }

  async leave(roomId: string): Promise<void> {
    await this.client.leave(roomId);
  }

  /** @returns the id of the event */
  async say(roomId: string, text: string): Promise<string> {
    const sent = await this.client.sendMessage(roomId, { msgtype: MsgType.Text, body: text });
    return sent.event_id;
  }

  async redact(roomId: string, eventId: string): Promise<void> {
    await this.client.redactEvent(roomId, eventId);
  }

  /** What this person sees in the room, in the order of the timeline; redacted messages stay as empty ones. */
  messages(roomId: string): PersonMessage[] {
    const timeline = this.client.getRoom(roomId)?.getLiveTimeline().getEvents() ?? [];
    return timeline.filter((event) => event.getType() === "m.room.message").map(toMessage);
  }

  async waitForMessage(
    roomId: string,
    wanted: (message: PersonMessage) => boolean,
    ms = WAIT_MS,
  ): Promise<PersonMessage> {
    const find = (): PersonMessage | undefined => this.messages(roomId).find(wanted);
    try {
      return await until(`a message for ${this.userId} in ${roomId}`, find, ms);
    } catch (error) {
      const seen = this.messages(roomId).map(({ sender, body }) => `${sender}: ${body}`);
      throw new Error(`no such message within ${ms} ms; there are:\n${seen.join("\n")}`, { cause: error });
    }
  }

  members(roomId: string): PersonMember[] {
    const members = this.client.getRoom(roomId)?.getMembers() ?? [];
    return members.map(({ userId, membership, name }) => ({
      userId,
      membership: membership ?? "leave",
      displayName: name,
    }));
  }

  async waitForMember(roomId: string, userId: string, membership: string, ms = WAIT_MS): Promise<PersonMember> {
    return until(
      `${userId} to be "${membership}" in ${roomId}`,
      () => this.members(roomId).find((member) => member.userId === userId && member.membership === membership),
      ms,
    );
  }

  async #untilJoined(roomId: string, ms: number): Promise<void> {
    const joined = (): boolean => this.client.getRoom(roomId)?.getMyMembership() === "join";
    await until(`${this.userId} to be in ${roomId}`, joined, ms);
  }

  #inviteTo(room: Room): Invite {
    const own = room.getMember(this.userId)?.events.member;
    return { roomId: room.roomId, inviter: own?.getSender(), isDirect: own?.getContent()["is_direct"] === true };
  }
}

function toMessage(event: MatrixEvent): PersonMessage {
  const content: Record<string, unknown> = event.getContent();
  const { body, msgtype } = content;
  return {
    sender: event.getSender() ?? "",
    eventId: event.getId() ?? "",
    body: typeof body === "string" ? body : "",
    msgtype: typeof msgtype === "string" ? msgtype : "",
    content,
    redacted: event.isRedacted(),
  };
}
