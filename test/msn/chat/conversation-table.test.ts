import { expect } from "chai";
import { Conversation } from "../../../src/msn/chat/conversation.ts";
import { ConversationTable } from "../../../src/msn/chat/conversation-table.ts";
import { NO_LOG } from "../../../src/msn/base/log.ts";
import { MsnError } from "../../../src/msn/base/errors.ts";
import { FakeClock } from "../../support/fake-clock.ts";
import { collectGarbage } from "../../support/garbage.ts";

const clock = new FakeClock();

function conversation(id: string): Conversation {
  const host = {
    openSwitchboard: () => Promise.reject(new MsnError("rejected", "none today")),
    onActivity: () => undefined,
    isTransferring: () => false,
  };
  return new Conversation({ account: "mia@example.com", clock, log: NO_LOG }, host, { kind: "group", id, people: [] });
}

function fill(table: ConversationTable, from: number, to: number): void {
  for (let id = from; id < to; id += 1) table.touch(conversation(String(id)));
}

describe("msn/chat/conversation-table", () => {
  it("finds by id, and lists by the last activity", () => {
    const table = new ConversationTable();
    const [one, two] = [conversation("1"), conversation("2")];
    for (const each of [one, two, one]) table.touch(each);
    expect(table.find("1")).to.equal(one);
    expect(table.find("3")).to.equal(undefined);
    expect(table.list()).to.deep.equal([two, one]);
  });

  it("keeps a thousand that nobody uses, and forgets those that were active before them", async () => {
    const table = new ConversationTable();
    fill(table, 0, 1500);
    await collectGarbage();
    expect(table.list().map(({ id }) => id)).to.deep.equal(Array.from({ length: 1000 }, (_, at) => String(at + 500)));
    expect(table.find("499")).to.equal(undefined);
    table.touch(conversation("499"));
    expect(table.find("499")?.id).to.equal("499");
  });

  it("never forgets one that is in use, and finds the very same", async () => {
    const table = new ConversationTable();
    const held = conversation("held");
    table.touch(held);
    fill(table, 0, 2000);
    await collectGarbage();
    expect(table.find("held")).to.equal(held);
    expect(table.list()).to.have.length(1001);
    expect(table.list()[0]).to.equal(held);
    table.touch(held);
    expect(table.list().at(-1)).to.equal(held);
    await collectGarbage();
    expect(table.list()).to.have.length(1000);
  });
});
