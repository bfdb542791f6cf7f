import { expect } from "chai";
import { goingDown, offlineMessages, serverSays } from "../../../src/bridge/words/server-sentences.ts";

describe("bridge/words/server-sentences", () => {
  it("say when the server goes down, as far as that is known", () => {
    expect(goingDown("Escargot", new Date(Date.UTC(2006, 3, 1, 12)))).to.include(
      "maintenance at 2006-04-01 12:00 UTC.",
    );
    expect(goingDown("Escargot", undefined)).to.include("maintenance soon.");
  });

  it("mark every line of the server, so that none looks like the bridge's own", () => {
    expect(serverSays("Escargot", "one\ntwo\n\nthree")).to.equal("Escargot says:\n> one\n> two\n> \n> three");
  });

  it("name the senders of messages that the bridge cannot read", () => {
    expect(offlineMessages("Escargot", ["Nils", "Olga"])).to.match(/^Nils, Olga wrote to you .* Escargot keeps/u);
    expect(offlineMessages("Escargot", [])).to.match(/^Contacts wrote to you/u);
  });
});
