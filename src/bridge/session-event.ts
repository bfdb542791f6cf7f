import type { MsnClient, MsnEvent } from "../msn/index.ts";

/** What comes from MSN through a session; what happens in a group, with the largest set of people that it has had. */
export type SessionEvent = Exclude<MsnEvent, { type: "closed" }> & { readonly people?: readonly string[] };

/** Adds who is in the group that an event is about. Asked of the client that reports it: another does not know it. */
export function withPeople(event: Exclude<MsnEvent, { type: "closed" }>, client: MsnClient): SessionEvent {
  const id = "group" in event ? event.group : undefined;
  return id === undefined ? event : { ...event, people: [...(client.group(id)?.people ?? [])] };
}
