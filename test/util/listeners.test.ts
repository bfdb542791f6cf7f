import { EventEmitter } from "node:events";
import { expect } from "chai";
import { callListeners } from "../../src/util/listeners.ts";
import { uncaught } from "../support/uncaught.ts";

describe("util/listeners", () => {
  it("calls every listener, in order and once where that was asked for, as an emitter does", () => {
    const emitter = new EventEmitter<{ said: [text: string, at: number] }>();
    const heard: unknown[] = [];
    emitter.on("said", function said(this: unknown, ...args) {
      heard.push(["on", this === emitter, ...args]);
    });
    emitter.once("said", (text) => heard.push(["once", text]));
    callListeners(emitter.rawListeners("said"), emitter, "a", 1);
    callListeners(emitter.rawListeners("said"), emitter, "b", 2);
    expect(heard).to.deep.equal([
      ["on", true, "a", 1],
      ["once", "a"],
      ["on", true, "b", 2],
    ]);
  });

  it("gives what listeners throw to the process, and goes on", async () => {
    const emitter = new EventEmitter<{ said: [] }>();
    const heard: string[] = [];
    for (const name of ["a", "b", "c"]) {
      emitter.on("said", () => {
        heard.push(name);
        if (name !== "c") throw new Error(`${name} is broken`);
      });
    }
    const errors = await uncaught(2, () => callListeners(emitter.rawListeners("said"), emitter));
    expect(heard).to.deep.equal(["a", "b", "c"]);
    expect(errors).to.deep.equal(["a is broken", "b is broken"]);
  });
});
