import { expect } from "chai";
import { MsgType } from "matrix-js-sdk";
import { ghostOf, MIA, NETWORKS, NILS } from "../support/test-bridge.ts";
import { testBytes } from "../support/media-bench.ts";
import { until } from "../support/until.ts";
import { bridgeSeat, sharedSynapse } from "./support/shared-synapse.ts";
import { Town } from "./support/town.ts";

const CONTENT = testBytes(1024 * 1024);

for (const [msn, words] of NETWORKS) {
  describe(`files over a real Synapse, MSN servers ${words}`, () => {
    let town: Town;
    beforeEach(async () => {
      const keys = { media: { allow_private_addresses: true } };
      town = await Town.open(msn, { synapse: sharedSynapse(), seat: bridgeSeat() }, keys);
    });
    afterEach(() => town.close());

    it("carries a megabyte each way, byte for byte", async () => {
      const { sandbox, alice } = town;
      const nils = sandbox.contact(NILS, "Nils");
      // Files of strangers wait for their owner.
      sandbox.befriend(MIA.passport, NILS, true);
      await town.login();
      nils.onOffer = () => "accept";
      const sent = nils.offerFile(MIA.passport, { name: "holiday.bin", content: CONTENT });
      const room = await alice.joinInvited(({ inviter, isDirect }) => inviter === ghostOf(NILS) && isDirect);
      expect(await sent).to.include({ type: "sent" });
      const { content } = await alice.waitForMessage(room, ({ body }) => body === "holiday.bin");
      expect(content["msgtype"]).to.equal("m.file");
      const { client } = alice;
      const file = String(content["url"]).replace("mxc://", "");
      const url = `${client.baseUrl}/_matrix/client/v1/media/download/${file}`;
      const answer = await fetch(url, { headers: { authorization: `Bearer ${client.getAccessToken()}` } });
      expect(Buffer.from(await answer.arrayBuffer()).equals(CONTENT)).to.equal(true);

      const uploaded = await client.uploadContent(new Blob([CONTENT]), { name: "back.bin", type: "application/zip" });
      await client.sendMessage(room, { msgtype: MsgType.File, body: "back.bin", url: uploaded.content_uri });
      await until("the file", () => nils.files.length === 1);
      expect(nils.files[0]).to.deep.include({ from: MIA.passport, name: "back.bin", bytes: CONTENT });
    });
  });
}
