import { createHash } from "node:crypto";
import { expect } from "chai";
import { MsgType } from "matrix-js-sdk";
import { ghostOf, MIA, NETWORKS, NILS } from "../support/test-bridge.ts";
import { until } from "../support/until.ts";
import { ownSynapseWithSeat } from "./support/shared-synapse.ts";
import { Town } from "./support/town.ts";

const MEGABYTE = 1024 * 1024;
// The blocks of a transfer have 2045 bytes.
const SIZES = [0, 1, 2044, 2045, 2046, MEGABYTE, 100 * MEGABYTE];
const LIMIT_MS = 60_000;

/** Bytes that differ wherever a block could be lost, doubled or swapped. */
function bytesOf(size: number): Buffer {
  const bytes = Buffer.alloc(size);
  for (let at = 0; at + 4 <= size; at += 4) bytes.writeUInt32LE((at * 2_654_435_761) >>> 0, at);
  return bytes;
}

const hash = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

for (const [msn, words] of NETWORKS) {
  describe(`files of all sizes over a real Synapse, MSN servers ${words}`, () => {
    let town: Town;
    let room: string;

    before(async () => {
      const own = await ownSynapseWithSeat("max_upload_size: 200M\n");
      town = await Town.open(msn, own, { media: { allow_private_addresses: true } });
      await town.login();
      const nils = town.sandbox.contact(NILS, "Nils");
      nils.onOffer = () => "accept";
      await nils.say(MIA.passport, "hello");
      room = await town.alice.joinInvited(({ inviter }) => inviter === ghostOf(NILS));
    });
    after(() => town.close());

    for (const size of SIZES) {
      it(`go both ways byte for byte: ${size} bytes`, async () => {
        const { alice, sandbox } = town;
        const nils = sandbox.contact(NILS);
        const bytes = bytesOf(size);
        const name = `${size}.bin`;
        const outcome = nils.offerFile(MIA.passport, { name: `in-${name}`, content: bytes });
        const { content } = await alice.waitForMessage(room, ({ body }) => body === `in-${name}`, LIMIT_MS);
        expect((await outcome).type).to.equal("sent");
        const url = alice.client.mxcUrlToHttp(
          String(content["url"]),
          undefined,
          undefined,
          undefined,
          false,
          true,
          true,
        );
        const token = alice.client.getAccessToken();
        const answer = await fetch(url ?? "", { headers: { authorization: `Bearer ${token}` } });
        expect(hash(new Uint8Array(await answer.arrayBuffer()))).to.equal(hash(bytes));
        expect(content["info"]).to.include({ size });

        const { content_uri: mxc } = await alice.client.uploadContent(new Blob([bytes]), { name: `out-${name}` });
        await alice.client.sendMessage(room, { msgtype: MsgType.File, body: `out-${name}`, url: mxc, info: { size } });
        const file = await until(name, () => nils.files.find((one) => one.name === `out-${name}`), LIMIT_MS);
        expect(file).to.include({ size, sha256: hash(bytes) });
      });
    }
  });
}
