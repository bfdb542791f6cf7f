import { expect } from "chai";
import { memoryStore } from "../support/scopes.ts";

describe("store/backlog", () => {
  it("says how many rows of a portal wait in one direction, and how many bytes they take", () => {
    const store = memoryStore();
    const { id: loginId } = store.logins.save({ server: "one", passport: "mia@example.com", owner: "@mia:x" });
    const [nils = 0, olga = 0] = ["nils@example.com", "olga@example.com"].map(
      (remote) => store.portals.save({ loginId, kind: "direct", remote }).id,
    );
    expect(store.backlog.of("to-matrix", nils)).to.deep.equal({ rows: 0, bytes: 0 });
    const first = store.journal.acceptMessage(nils, "x".repeat(1000));
    store.journal.acceptMessage(olga, "hi");
    store.journal.acceptMessage(nils, "y".repeat(1000));
    const { rows, bytes } = store.backlog.of("to-matrix", nils);
    expect(rows).to.equal(2);
    expect(bytes).to.be.within(2000, 2200);
    expect(store.backlog.of("to-msn", nils)).to.deep.equal({ rows: 0, bytes: 0 });
    store.journal.settle(first.id, "delivered");
    expect(store.backlog.of("to-matrix", nils)).to.deep.equal({ rows: 1, bytes: bytes / 2 });
    store.close();
  });
});
