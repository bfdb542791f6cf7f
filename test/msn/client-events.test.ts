import { EventEmitter } from "node:events";
import { expect } from "chai";
import { ClientEvents } from "../../src/msn/client-events.ts";
import type { MsnEvent } from "../../src/msn/events.ts";
import { uncaught } from "../support/uncaught.ts";

const EVENT: MsnEvent = { type: "name", account: "nils@example.com", name: "Nils" };

describe("msn/client-events", () => {
  it("tells the listener of the options first, then those who subscribed", () => {
    const heard: unknown[] = [];
    const emitter = new EventEmitter<{ event: [MsnEvent] }>();
    emitter.on("event", (event) => heard.push(["subscribed", event]));
    const listener = { onEvent: (event: MsnEvent) => void heard.push(["listener", event]) };
    new ClientEvents(emitter, listener).report(EVENT);
    expect(heard).to.deep.equal([
      ["listener", EVENT],
      ["subscribed", EVENT],
    ]);
  });

  it("gives what the listener throws to the process, and goes on", async () => {
    const heard: MsnEvent[] = [];
    const emitter = new EventEmitter<{ event: [MsnEvent] }>();
    emitter.on("event", (event) => heard.push(event));
    const listener = {
      onEvent: () => {
        throw new Error("broken");
      },
    };
    const errors = await uncaught(1, () => new ClientEvents(emitter, listener).report(EVENT));
    expect(errors).to.deep.equal(["broken"]);
    expect(heard).to.deep.equal([EVENT]);
  });
});
