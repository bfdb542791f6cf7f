import { MatrixClient } from "@vector-im/matrix-bot-sdk";
import { z } from "zod";
import type { RegisteredUser } from "./register-user.ts";

/** A message that the user saw. */
export interface SeenMessage {
  readonly roomId: string;
  readonly sender: string;
  readonly body: string;
}

const message = z.object({ sender: z.string(), content: z.object({ body: z.string() }) });

/** The user of the demo, who accepts invitations and reads everything. */
export class DemoUser {
  readonly userId: string;
  /** What the user has seen, oldest first. */
  readonly seen: SeenMessage[] = [];
  readonly #client: MatrixClient;

  /** @param onMessage told of every message, the user's own included */
  constructor(homeserverUrl: string, user: RegisteredUser, onMessage: (message: SeenMessage) => void) {
    this.userId = user.userId;
    this.#client = new MatrixClient(homeserverUrl, user.accessToken);
    this.#client.on("room.message", (roomId: string, event: unknown) => {
      const read = message.safeParse(event).data;
      if (read === undefined) return;
      const seen = { roomId, sender: read.sender, body: read.content.body };
      this.seen.push(seen);
      onMessage(seen);
    });
    this.#client.on("room.invite", (roomId: string) => void this.#client.joinRoom(roomId).catch(() => undefined));
  }

  /** Begins to see what happens. */
  async start(): Promise<void> {
    await this.#client.start();
  }

  stop(): void {
    this.#client.stop();
  }

  /** Starts a direct chat, as the "new chat" of a client does, and waits until the other has joined. */
  async chatWith(userId: string): Promise<string> {
    return this.#client.createRoom({ is_direct: true, invite: [userId], preset: "trusted_private_chat" });
  }

  async say(roomId: string, text: string): Promise<void> {
    await this.#client.sendText(roomId, text);
  }

  /** Says something if the user is in the room already. */
  async trySay(roomId: string, text: string): Promise<boolean> {
    if (!(await this.#client.getJoinedRooms()).includes(roomId)) return false;
    await this.say(roomId, text);
    return true;
  }
}
