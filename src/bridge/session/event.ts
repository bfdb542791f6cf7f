import type { Log } from "../../util/log.ts";
import type { MsnClient, MsnEvent } from "../../msn/index.ts";

/** What comes from MSN through a session; what happens in a group, with the largest set of people that it has had. */
export type SessionEvent = Exclude<MsnEvent, { type: "closed" }> & { readonly people?: readonly string[] };

/** Adds who is in the group that an event is about. Asked of the client that reports it: another does not know it. */
export function withPeople(event: Exclude<MsnEvent, { type: "closed" }>, client: MsnClient): SessionEvent {
  const id = "group" in event ? event.group : undefined;
  return id === undefined ? event : { ...event, people: [...(client.group(id)?.people ?? [])] };
}

/** Does what an event asks for. A full disk, say, must not become an error that is not caught. */
export function logged(log: Log, work: () => void): void {
  try {
    work();
  } catch (error) {
    log.error({ error }, "an event of a session could not be dealt with");
  }
}
