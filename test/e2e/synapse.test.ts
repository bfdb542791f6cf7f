import { expect } from "chai";
import * as z from "zod";
import type { Person } from "./support/person.ts";
import { bridgeSeat, newPerson, ownSynapse, sharedSynapse } from "./support/shared-synapse.ts";

const Versions = z.object({ versions: z.array(z.string()) });
const WhoAmI = z.object({ user_id: z.string() });

async function get(url: string, token?: string): Promise<unknown> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const response = await fetch(url, { headers, signal: AbortSignal.timeout(60_000) });
  expect(response.status, url).to.equal(200);
  return response.json();
}

describe("a real Synapse", () => {
  const present: Person[] = [];
  afterEach(() => {
    for (const person of present.splice(0)) person.stop();
  });
  const arrive = async (...visit: Parameters<typeof newPerson>): Promise<Person> => {
    const person = await newPerson(...visit);
    present.push(person);
    return person;
  };

  it("answers, and knows the registration of the bridge", async () => {
    const { url } = sharedSynapse();
    const { versions } = Versions.parse(await get(`${url}/_matrix/client/versions`));
    expect(versions).to.include("v1.11");
    const { registration } = bridgeSeat();
    const me = WhoAmI.parse(await get(`${url}/_matrix/client/v3/account/whoami`, registration.as_token));
    expect(me.user_id).to.equal("@msnbot:localhost");
  });

  it("lets two people talk in a direct room", async () => {
    const anna = await arrive("anna");
    const ben = await arrive("ben");
    const roomId = await anna.directRoomWith(ben.userId);
    const joined = await ben.joinInvited(({ inviter, isDirect }) => inviter === anna.userId && isDirect);
    expect(joined).to.equal(roomId);
    expect(ben.invitesFrom(anna.userId)).to.be.empty;
    await anna.waitForMember(roomId, ben.userId, "join");

    const first = await anna.say(roomId, "hello, Ben");
    const heard = await ben.waitForMessage(roomId, ({ body }) => body === "hello, Ben");
    expect(heard).to.deep.include({ sender: anna.userId, eventId: first, msgtype: "m.text", redacted: false });
    await ben.say(roomId, "hello, Anna");
    await anna.waitForMessage(roomId, ({ body }) => body === "hello, Anna");
    expect(anna.messages(roomId).map(({ body }) => body)).to.deep.equal(["hello, Ben", "hello, Anna"]);

    await anna.redact(roomId, first);
    await ben.waitForMessage(roomId, ({ eventId, redacted }) => eventId === first && redacted);
    expect(ben.messages(roomId).map(({ body }) => body)).to.deep.equal(["", "hello, Anna"]);
  });

  it("remembers its people when it is restarted or crashes", async () => {
    const synapse = await ownSynapse();
    const anna = await synapse.registerUser("anna", "a password");
    const whoAmI = `${synapse.url}/_matrix/client/v3/account/whoami`;
    await synapse.restart();
    expect(await get(whoAmI, anna.accessToken)).to.deep.include({ user_id: anna.userId });
    const refusal = await synapse.registerUser("anna", "a password").then(
      () => "none",
      (error: unknown) => String(error),
    );
    expect(refusal).to.match(/already taken/i);

    await synapse.kill();
    const silence = await get(whoAmI, anna.accessToken).then(
      () => "it answered",
      () => "none",
    );
    expect(silence).to.equal("none");
    await synapse.restart();
    expect(await get(whoAmI, anna.accessToken)).to.deep.include({ user_id: anna.userId });

    await synapse.stop();
    const late = await synapse.restart().then(
      () => "it started",
      (error: unknown) => String(error),
    );
    expect(late).to.match(/was stopped/);
  });

  it("says in its own words why it did not start", async () => {
    const failure = await ownSynapse({ extraConfig: "server_name: '!'\n" }).then(
      () => "it started",
      (error: unknown) => String(error),
    );
    expect(failure).to.match(/Synapse did not start: it ended with code/);
    expect(failure).to.match(/Server name '!' has an invalid format/);
  });
});
