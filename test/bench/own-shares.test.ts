import { expect } from "chai";
import { OwnShares } from "../../bench/stage/own-shares.ts";

describe("the own shares of the bench", () => {
  let now = 0;
  let shares: OwnShares;

  beforeEach(() => {
    now = 0;
    shares = new OwnShares("It rains.", () => now);
  });

  it("are from the first read to the first time that it is handed on, whatever stands around it", () => {
    shares.read(Buffer.from("MSG nils@example.com Nils 90\r\nX: y\r\n\r\n12 It rains."));
    now = 3;
    shares.handOn('PUT / HTTP/1.1\r\n\r\n{"body":"12 It rains."}');
    expect(shares.take()).to.deep.equal([[12, 3]]);
    expect(shares.take()).to.deep.equal([]);
  });

  it("are those of each message of a piece", () => {
    shares.read(Buffer.from('{"events":[{"body":"1 It rains."},{"body":"2 It rains."}]}'));
    now = 2;
    shares.handOn(Buffer.from("1 It rains."));
    now = 5;
    shares.handOn(Buffer.from("2 It rains."));
    expect(shares.take()).to.deep.equal([
      [1, 2],
      [2, 5],
    ]);
  });

  it("know no echo, and nothing that did not come from outside", () => {
    shares.read("1 It rains.");
    shares.handOn("1 It rains.");
    shares.read("1 It rains.");
    shares.handOn("1 It rains.");
    shares.handOn("2 It rains.");
    shares.handOn("It rains.");
    shares.handOn(undefined);
    expect(shares.take()).to.deep.equal([[1, 0]]);
  });
});
