import { expect } from "chai";
import { BoardMembers, MAX_MEMBERS } from "../../../src/msn/chat/board-members.ts";

const NILS = "nils@example.com";

describe("msn/chat/board-members", () => {
  it("knows who is there by lower-case account, and who has just come", () => {
    const members = new BoardMembers("mia@example.com");
    expect(members.join("Nils@Example.com", "Nils")).to.deep.equal({ key: NILS, name: "Nils", isNew: true });
    expect(members.join(NILS, "Nils B")).to.deep.equal({ key: NILS, name: "Nils B", isNew: false });
    expect([...members.names]).to.deep.equal([[NILS, "Nils B"]]);
    expect(members.leave("NILS@example.com")).to.equal(NILS);
    expect(members.leave(NILS)).to.equal(undefined);
    expect(members.names.size).to.equal(0);
  });

  it("has them there as long as one program of theirs is", () => {
    const members = new BoardMembers("mia@example.com");
    members.join(`${NILS};{1}`, "Nils");
    members.join(`${NILS};{2}`, "Nils");
    expect(members.leave(`${NILS};{1}`)).to.equal(undefined);
    expect(members.leave(`${NILS};{2}`)).to.equal(NILS);
    members.join(`${NILS};{1}`, "Nils");
    members.join(`${NILS};{2}`, "Nils");
    expect(members.leave(NILS)).to.equal(NILS);
  });

  it("never has us there, nor more than fit", () => {
    const members = new BoardMembers("mia@example.com");
    expect(members.join("1:MIA@example.com;{1}", "Mia")).to.equal(undefined);
    for (let at = 0; at < MAX_MEMBERS; at += 1) members.join(`a${at}@example.com`, "A");
    expect(() => members.join(NILS, "Nils")).to.throw("more than 100 people");
    expect(members.join("a0@example.com", "A")).to.include({ isNew: false });
  });
});
