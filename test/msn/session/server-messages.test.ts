import { expect } from "chai";
import { NO_LOG } from "../../../src/msn/base/log.ts";
import { ServerMessages, type ServerEvent } from "../../../src/msn/session/server-messages.ts";
import { FakeClock } from "../../support/fake-clock.ts";

const NILS = "nils@example.com";

function setUp(): { messages: ServerMessages; events: ServerEvent[] } {
  const events: ServerEvent[] = [];
  const scope = { account: "mia@example.com", clock: new FakeClock(), log: NO_LOG };
  return { messages: new ServerMessages(scope, { report: (event) => events.push(event) }), events };
}

function payload(type: string, body = "", ...headers: string[]): Buffer {
  return Buffer.from(["MIME-Version: 1.0", `Content-Type: ${type}`, ...headers, "", body].join("\r\n"));
}

describe("msn/session/server-messages", () => {
  it("reports what a contact has said, and whatever the server says, known or not", () => {
    const { messages, events } = setUp();
    messages.take(NILS, "Nils", payload("text/plain", "hello"));
    messages.take(NILS, "Nils", payload("text/x-new", "?"));
    messages.take("Hotmail", "Hotmail", payload("application/x-msmsgssystemmessage", "Type: 1\r\nArg1: 5\r\n"));
    messages.take("Hotmail", "Hotmail", payload("application/x-msmsgssystemmessage", "Type: 2\r\nArg1: 5\r\n"));
    messages.take("Hotmail", "Staff", payload("text/plain", "Hello to all"));
    messages.take("Hotmail", "Hotmail", payload("text/x-new", "?"));
    expect(events.map((event) => (event.type === "notice" ? event.notice.type : event))).to.deep.equal([
      { type: "content", account: NILS, name: "Nils", content: { type: "text", text: "hello" }, group: undefined },
      {
        type: "content",
        account: NILS,
        name: "Nils",
        content: { type: "unknown", contentType: "text/x-new" },
        group: undefined,
      },
      "maintenance",
      "unknown",
      "text",
      "unknown",
    ]);
  });

  it("reports that a message of a contact will never be complete", () => {
    const { messages, events } = setUp();
    messages.take(NILS, "Nils", payload("text/plain", "a", "Message-ID: {1}", "Chunks: 3"));
    messages.take(NILS, "Nils", Buffer.from("Message-ID: {1}\r\nChunk: 2\r\n\r\nc"));
    const content = { type: "unsupported", kind: "incomplete", contentType: "text/plain" };
    expect(events).to.deep.equal([{ type: "content", account: NILS, name: "", content, group: undefined }]);
  });
});
