import { expect } from "chai";
import { FileBench } from "../../support/file-bench.ts";
import { testBytes } from "../../support/media-bench.ts";
import { MIA, NETWORKS } from "../../support/test-bridge.ts";
import { until } from "../../support/until.ts";

const SIZES = [0, 1, 2044, 2045, 2046, 1024 * 1024];

for (const [msn, words] of NETWORKS) {
  describe(`files, MSN servers ${words}`, () => {
    let bench: FileBench;
    beforeEach(async () => void (bench = await FileBench.open({ msn })));
    afterEach(() => bench.close());

    it("come from MSN byte for byte, whatever their size", async () => {
      for (const [index, size] of SIZES.entries()) {
        const content = testBytes(size);
        const outcome = await bench.nils.offerFile(MIA.passport, { name: `C:\\x\\${size}.bin`, content });
        expect(outcome).to.include({ type: "sent", bytes: size });
        const shown = await bench.file(index + 1);
        expect(shown.content).to.deep.include({ msgtype: "m.file", body: `${size}.bin`, filename: `${size}.bin` });
        expect(shown.content["info"]).to.include({ size });
        expect(bench.bytes(shown).equals(content)).to.equal(true);
      }
    });

    it("go to MSN byte for byte, whatever their size", async () => {
      bench.nils.onOffer = () => ({ listens: true });
      for (const [index, size] of SIZES.entries()) {
        const content = testBytes(size);
        const eventId = bench.send(content, `${size}.bin`);
        await until(`${size} bytes`, () => bench.nils.files.length === index + 1);
        expect(bench.nils.files[index]).to.deep.include({ from: MIA.passport, name: `${size}.bin`, bytes: content });
        await bench.receipt(eventId);
      }
      expect(bench.count("did not get")).to.equal(0);
    });
  });
}
