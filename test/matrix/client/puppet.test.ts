import { expect } from "chai";
import type { MatrixError } from "../../../src/matrix/client/errors.ts";
import { openHomeservers, type TestHomeservers } from "../../support/homeservers.ts";

describe("matrix/client/puppet", () => {
  let both: TestHomeservers;
  beforeEach(async () => void (both = await openHomeservers()));
  afterEach(async () => both.close());

  it("acts as a person by her own token", async () => {
    const alice = both.fake.user("alice");
    const puppet = both.homeserver.puppet(alice.userId, { type: "own-token", token: alice.newToken() });
    expect(await puppet.whoami()).to.equal(alice.userId);
    expect(await puppet.directChats()).to.deep.equal({});
    await puppet.setDirectChats({ "@bob:localhost": ["!a"] });
    expect(alice.directChats).to.deep.equal({ "@bob:localhost": ["!a"] });
    expect(await puppet.directChats()).to.deep.equal(alice.directChats);
    const roomId = both.fake.user("bob").createDirectRoom(alice.userId);
    await puppet.join(roomId);
    await puppet.join(roomId);
    expect(alice.joinedRooms()).to.deep.equal([roomId]);
    expect(both.fake.requests.some(({ query }) => "user_id" in query)).to.equal(false);
  });

  it("acts as a person by the token of a registration that covers her, and as nobody else", async () => {
    const alice = both.fake.user("alice");
    both.fake.world.tokens.set("secret", /^@alice:localhost$/u);
    const open = (userId: string): ReturnType<typeof both.homeserver.puppet> =>
      both.homeserver.puppet(userId, { type: "registration", token: "secret" });
    expect(await open(alice.userId).whoami()).to.equal(alice.userId);
    await open(alice.userId).setDirectChats({ x: ["!a"] });
    expect(alice.directChats).to.deep.equal({ x: ["!a"] });
    const refusal = await open("@bob:localhost")
      .whoami()
      .catch((error: MatrixError) => error);
    expect(refusal).to.include({ name: "MatrixError", code: "forbidden" });
  });

  it("says that a token is refused, without showing it", async () => {
    const token = "syt_nobody_knows_this_one";
    const puppet = both.homeserver.puppet("@alice:localhost", { type: "own-token", token });
    const refusal = await puppet.whoami().catch((error: MatrixError) => error);
    expect(refusal).to.include({ name: "MatrixError", code: "token-refused" });
    expect(JSON.stringify([String(refusal), both.captured.lines])).to.not.include(token);
  });
});
