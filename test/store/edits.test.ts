import { expect } from "chai";
import { coreScope } from "../support/scopes.ts";

describe("store/edits", () => {
  it("are found by the event that they edit, newest first, and by their row", () => {
    const { store } = coreScope();
    const accept = (id: string): number =>
      store.journal.accept([{ event_id: id, room_id: "!a", type: "x" }])[0]?.id ?? 0;
    const [one, two, other] = [accept("$1"), accept("$2"), accept("$3")];
    store.edits.add(one, "$m");
    store.edits.add(two, "$m");
    store.edits.add(two, "$m");
    store.edits.add(other, "$n");
    expect(store.edits.of("$m").map(({ rowId, eventId, state }) => [rowId, eventId, state])).to.deep.equal([
      [two, "$2", "accepted"],
      [one, "$1", "accepted"],
    ]);
    expect([store.edits.targetOf(one), store.edits.targetOf(other + 1)]).to.deep.equal(["$m", undefined]);
    store.journal.settle(two, "skipped", "applied");
    expect(store.edits.of("$m")[0]).to.include({ rowId: two, state: "skipped" });
    store.close();
  });
});
