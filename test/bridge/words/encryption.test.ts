import { expect } from "chai";
import { alertOfEncryption, ENCRYPTED_BY_FORCE } from "../../../src/bridge/words/encryption.ts";

const SETTING = "encryption_enabled_by_default_for_room_type";

describe("bridge/words/encryption", () => {
  it("tells the user and the admin which setting of the homeserver is in the way", () => {
    const told: string[][] = [];
    alertOfEncryption({ alert: (...what) => void told.push(what.map(String)) });
    expect(told).to.have.length(1);
    expect(told[0]?.[0]).to.equal("encryption");
    for (const sentence of [ENCRYPTED_BY_FORCE, told[0]?.[1]]) expect(sentence).to.include(SETTING);
  });
});
