import { expect } from "chai";
import { MatrixError } from "../../../src/matrix/client/errors.ts";
import { UserRequests, type Asker } from "../../../src/matrix/client/requests.ts";
import { Transport } from "../../../src/matrix/client/transport.ts";
import { EagerClock } from "../../support/eager-clock.ts";
import { FakeHomeserver } from "../../support/fake-homeserver.ts";
import { AS_TOKEN, testRegistration } from "../../support/homeservers.ts";
import { rejection } from "../../support/rejection.ts";

const WHOAMI = "/_matrix/client/v3/account/whoami";
const GHOST = "@msn_a:localhost";

describe("matrix/client/requests", () => {
  let fake: FakeHomeserver;
  let refused = 0;

  beforeEach(async () => {
    fake = await FakeHomeserver.start({ registration: testRegistration() });
    refused = 0;
  });

  afterEach(async () => fake.stop());

  const make = (asker: Partial<Asker> = {}): UserRequests =>
    new UserRequests(
      new Transport(fake.url, { clock: new EagerClock(), tries: 1 }),
      { token: AS_TOKEN, userId: GHOST, isOwner: false, ...asker },
      { tokenRefused: () => (refused += 1) },
    );

  it("names the user unless the token is theirs, beside what else is asked", async () => {
    fake.user("msn_a");
    expect(await make().request("GET", WHOAMI)).to.deep.equal({ user_id: GHOST });
    await make({ isOwner: true, userId: "@msnbot:localhost" }).request("GET", WHOAMI, { query: { n: 1 } });
    await make()
      .request("PUT", "/x", { query: { n: 1 }, body: { a: "ä" } })
      .catch(() => undefined);
    expect(fake.requests.map(({ query }) => query)).to.deep.equal([
      { user_id: GHOST },
      { n: "1" },
      { n: "1", user_id: GHOST },
    ]);
    expect(fake.requests.at(-1)?.body).to.deep.equal({ a: "ä" });
  });

  it("takes every success for an answer, JSON or not", async () => {
    for (const body of [{ a: 1 }, "<html>", ""]) {
      fake.fail({ status: 201, body, times: 1 });
      expect(await make().request("GET", "/x")).to.deep.equal(body);
    }
  });

  it("says what was asked, and what came, when it is refused", async () => {
    fake.fail({ status: 403, body: { errcode: "M_FORBIDDEN", error: "no" }, times: 1 });
    const error = await rejection(make().request("GET", "/x"));
    expect(error).to.be.instanceOf(MatrixError).with.property("code", "forbidden");
    expect(error.message).to.match(/^GET \/x as @msn_a:localhost: .*\(403 M_FORBIDDEN: no\)$/);
    fake.fail({ status: 404, body: "<html>", times: 1 });
    expect(await rejection(make().request("GET", "/x"))).to.have.property("code", "bad-answer");
    expect(refused).to.equal(0);
  });

  it("reports a refused token, and shows it nowhere", async () => {
    const error = await rejection(make({ token: "another-secret" }).request("GET", WHOAMI));
    expect(error).to.be.instanceOf(MatrixError).with.property("code", "token-refused");
    expect(`${error.message} ${error.stack} ${JSON.stringify(error)}`).not.to.contain("another-secret");
    expect(refused).to.equal(1);
    // On the connection that was kept, and on the new one.
    fake.fail({ times: 2 });
    const unreachable = await rejection(make().request("GET", WHOAMI));
    expect(unreachable).to.have.property("code", "unreachable");
    expect(`${unreachable.message} ${unreachable.stack} ${JSON.stringify(unreachable)}`).not.to.contain(AS_TOKEN);
  });
});
