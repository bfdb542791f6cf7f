import { expect } from "chai";
import * as fc from "fast-check";
import {
  embeddedIn,
  isLoopback,
  isSameAddress,
  kindOf,
  machineAddresses,
  type AddressKind,
} from "../../src/util/ip-address.ts";

const KINDS: Readonly<Record<AddressKind, readonly string[]>> = {
  public: ["8.8.8.8", "100.63.255.255", "172.32.0.1", "2606:4700::1111", "2a00:1450:4001::200e", "64:ff9b::808:808"],
  private: [
    "127.0.0.1",
    "127.255.255.254",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.255.255",
    "100.64.0.1",
    "::1",
    "0:0:0:0:0:0:0:1",
    "fc00::1",
    "FD12:3456::1",
    "::ffff:10.0.0.1",
    "::FFFF:7f00:1",
    "0:0:0:0:0:ffff:192.168.1.1",
    "64:ff9b::10.0.0.1",
    "2002:7f00:1::",
    "2002:a00:1::1",
  ],
  link: [
    "169.254.169.254",
    "169.254.0.1",
    "100.100.100.200",
    "168.63.129.16",
    "fe80::1",
    "fe80::1%eth0",
    "FEBF::1",
    "fd00:ec2::254",
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "2002:a9fe:a9fe::1",
  ],
  reserved: ["192.0.0.192", "198.18.0.1", "192.88.99.1", "64:ff9b:1::a00:1", "2001:0:5ef5::1", "2001:20::1"],
  documentation: ["192.0.2.1", "198.51.100.7", "203.0.113.9", "2001:db8::1", "3fff::1"],
  nowhere: [
    "0.0.0.0",
    "0.1.2.3",
    "224.0.0.1",
    "255.255.255.255",
    "240.0.0.1",
    "::",
    "::127.0.0.1",
    "::ffff:0.0.0.0",
    "ff02::1",
    "fec0::1",
    "4000::1",
    "100::1",
    "localhost",
    "2130706433",
    "0x7f.1",
    "127.1",
    "[::1]",
    "",
  ],
};

describe("util/ip-address", () => {
  for (const [kind, addresses] of Object.entries(KINDS))
    it(`knows what is ${kind}`, () => {
      for (const address of addresses) expect(kindOf(address), address).to.equal(kind);
    });

  it("finds the address for which another stands", () => {
    const word = fc.integer({ min: 0, max: 0xffff }).map((value) => value.toString(16));
    fc.assert(
      fc.property(fc.ipV4(), fc.array(word, { minLength: 5, maxLength: 5 }), (address, rest) => {
        const [a = 0, b = 0, c = 0, d = 0] = address.split(".").map(Number);
        const hex = [(a << 8) | b, (c << 8) | d].map((value) => value.toString(16)).join(":");
        for (const written of [`::ffff:${address}`, `64:FF9B::${hex}`, `2002:${hex}:${rest.join(":")}`]) {
          expect(embeddedIn(written), written).to.equal(address);
          expect(kindOf(written), written).to.equal(kindOf(address));
        }
        expect(embeddedIn(address)).to.equal(undefined);
      }),
    );
  });

  it("has a kind for every address of version 6", () => {
    fc.assert(
      fc.property(fc.ipV6(), (address) => {
        expect(Object.keys(KINDS)).to.include(kindOf(address));
      }),
    );
  });

  it("compares addresses, however they are written", () => {
    expect(isSameAddress("2606:4700:0::1", "2606:4700::0001")).to.equal(true);
    expect(isSameAddress("::ffff:9.9.9.9", "9.9.9.9")).to.equal(true);
    expect(isSameAddress("9.9.9.9", "9.9.9.8")).to.equal(false);
    expect(isSameAddress("fe80::1%eth0", "fe80::1%eth0")).to.equal(false);
    expect(isSameAddress("localhost", "localhost")).to.equal(false);
  });

  it("knows this machine", () => {
    for (const address of ["127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1"])
      expect(isLoopback(address), address).to.equal(true);
    for (const address of ["10.0.0.1", "::2", "localhost"]) expect(isLoopback(address), address).to.equal(false);
    expect(machineAddresses()).to.include("127.0.0.1");
  });
});
