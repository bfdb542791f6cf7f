import { tmpdir } from "node:os";
import { expect } from "chai";
import { FreeSpace } from "../../src/ops/free-space.ts";

describe("ops/free-space", () => {
  it("is that of the disk a folder is on", async () => {
    expect(await new FreeSpace(tmpdir()).bytes()).to.be.greaterThan(0);
  });

  it("is not known of a folder that is not there", async () => {
    const error = await new FreeSpace("/there/is/no/such/folder").bytes().catch((reason: unknown) => reason);
    expect(error).to.have.property("code", "ENOENT");
  });
});
