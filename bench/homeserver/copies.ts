import { z } from "zod";
import type { StubWorld } from "./world.ts";

const record = z.record(z.string(), z.unknown());
export const copies = z.object({ from: z.string(), to: z.array(z.string()) });

export function parseContent(json: string): Record<string, unknown> {
  return json === "" ? {} : record.parse(JSON.parse(json));
}

/** Copies every room in which somebody is whose name holds `from`, with that name replaced. */
export function copyRooms(world: StubWorld, { from, to }: z.output<typeof copies>): void {
  const originals = [...world.rooms.values()].filter(({ members }) =>
    [...members.keys()].some((one) => one.includes(from)),
  );
  for (const name of to) {
    const renamed = (text: string): string => text.replaceAll(from, name);
    for (const room of originals) {
      const copy = world.createRoom(renamed(room.creator), room.id.replace(":", `.${name}:`));
      for (const [user, membership] of room.members) copy.members.set(renamed(user), membership);
      for (const [key, content] of room.state) {
        const json = JSON.stringify(content);
        copy.state.set(renamed(key), json.includes(from) ? parseContent(renamed(json)) : content);
      }
    }
  }
}
