import { expect } from "chai";
import { addressesOf, mayConnect, refusedBy, type AddressRules } from "../../../src/msn/transfer/address-rules.ts";
import { parseInvitation, type TransferAddress } from "../../../src/msn/wire/invitation.ts";
import { machineAddresses } from "../../../src/util/ip-address.ts";

const STRICT: AddressRules = {
  publicAddress: "9.9.9.9",
  ports: [6891, 6900],
  allowPrivateAddresses: false,
  allowLowPorts: false,
};
const OPEN: AddressRules = { ...STRICT, allowPrivateAddresses: true };

/** Where we would connect to when a contact writes this. */
function reached(fields: string, rules: AddressRules): string[] {
  const head = "Invitation-Command: ACCEPT\r\nInvitation-Cookie: 5\r\nAuthCookie: 7\r\n";
  const invitation = parseInvitation(Buffer.from(`${head}${fields}\r\n\r\n`));
  if (invitation.type !== "accept" || invitation.transfer === undefined) return [];
  return addressesOf(invitation.transfer, rules).map(({ host, port }) => `${host} ${port}`);
}

const at = (address: string, rules = STRICT): string[] => reached(`IP-Address: ${address}\r\nPort: 6891`, rules);

// Refused even where private addresses are allowed.
const NOBODY: ReadonlyArray<readonly [what: string, ...addresses: string[]]> = [
  ["host names", "localhost", "example.com", "127.0.0.1.example.com", "1.1.1.1.nip.io", "router", "ip6-localhost"],
  ["an address as one decimal number", "2130706433", "134744072"],
  ["octal numbers", "0177.0.0.1", "010.8.8.8", "8.8.8.010", "017700000001", "08.8.8.8"],
  ["hexadecimal numbers", "0x7f.0.0.1", "0x7f000001", "0x8.0x8.0x8.0x8", "8.8.8.0x8"],
  ["too few or too many parts", "127.1", "8.8.2056", "8.8.8", "8.8.8.8.8", "8", ""],
  ["numbers that are too large", "256.1.1.1", "8.8.8.999", "4294967296"],
  [
    "what only looks like an address",
    "8.8.8.8 x",
    "8.8.8.8/8",
    "8.8.8.8:80",
    "8.8.8.８",
    "8。8。8。8",
    "①.1.1.1",
    "-8.8.8.8",
  ],
  ["addresses in brackets, and of URLs", "[2606:4700::1]", "http://8.8.8.8", "a@8.8.8.8", "//8.8.8.8"],
  ["no address yet", "0.0.0.0", "0.1.2.3", "::", "0:0:0:0:0:0:0:0"],
  ["broadcast, reserved and multicast", "255.255.255.255", "240.0.0.1", "254.1.1.1", "224.0.0.1", "239.255.255.255"],
  ["multicast of version 6", "ff02::1", "ff0e::1", "ff05::2"],
  [
    "documentation, benchmarks, assignments, relays",
    "192.0.2.1",
    "198.51.100.7",
    "203.0.113.9",
    "198.18.0.1",
    "198.19.255.1",
    "192.0.0.1",
    "192.88.99.1",
  ],
  [
    "documentation of version 6, ORCHID, Teredo, 6to4",
    "2001:db8::1",
    "3fff::1",
    "2001:10::1",
    "2001:20::1",
    "2001:0:5ef5::1",
    "2002:7f00:1::",
    "2002:a00:1::1",
  ],
  [
    "version 4 inside version 6",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "::ffff:7f00:1",
    "::FFFF:10.0.0.1",
    "::127.0.0.1",
    "::8.8.8.8",
    "0:0:0:0:0:ffff:a00:1",
  ],
  ["translated addresses", "64:ff9b::127.0.0.1", "64:ff9b::808:808", "64:ff9b:1::a00:1"],
  ["what nobody has been given", "4000::1", "100::1", "5f00::1", "fec0::1", "8000::"],
  ["zones", "fe80::1%eth0", "fe80::1%1", "::1%lo", "2606:4700::1%eth0", "ff02::1%2"],
];

// Refused unless allowed.
const PRIVATE: ReadonlyArray<readonly [what: string, ...addresses: string[]]> = [
  ["this machine", "127.0.0.1", "127.255.255.254", "127.0.1.1", "::1", "0:0:0:0:0:0:0:1"],
  ["private networks", "10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.0.1", "192.168.255.255"],
  [
    "the link, with the address at which clouds tell secrets",
    "169.254.0.1",
    "169.254.169.254",
    "fe80::1",
    "FE80::A",
    "febf::1",
  ],
  ["networks of providers", "100.64.0.1", "100.127.255.255"],
  ["unique local addresses", "fc00::1", "fd12:3456::1", "fd00:ec2::254"],
];

const PUBLIC = [
  "8.8.8.8",
  "1.0.0.1",
  "9.255.255.255",
  "11.0.0.1",
  "100.63.255.255",
  "100.128.0.1",
  "126.255.255.255",
  "128.0.0.1",
  "169.253.1.1",
  "169.255.1.1",
  "172.15.255.255",
  "172.32.0.1",
  "192.0.1.1",
  "192.167.1.1",
  "192.169.1.1",
  "198.17.255.255",
  "198.20.0.1",
  "223.255.255.255",
  "2606:4700::1111",
  "2a00:1450:4001::200e",
  "2001:4860:4860::8888",
];

describe("msn/transfer/address-rules", () => {
  for (const [what, ...addresses] of NOBODY) {
    it(`never connects to ${what}`, () => {
      for (const address of addresses) {
        expect(at(address), address).to.deep.equal([]);
        expect(at(address, OPEN), address).to.deep.equal([]);
        expect(mayConnect({ host: address, port: 6891 }, OPEN), address).to.equal(false);
      }
    });
  }

  for (const [what, ...addresses] of PRIVATE) {
    it(`does not connect to ${what} unless it may`, () => {
      for (const address of addresses) {
        expect(at(address), address).to.deep.equal([]);
        expect(at(address, OPEN), address).to.deep.equal([`${address} 6891`]);
      }
    });
  }

  it("connects to everybody else", () => {
    for (const address of PUBLIC) expect(at(address), address).to.deep.equal([`${address} 6891`]);
  });

  it("connects to no port below 1024 unless it may", () => {
    for (const port of [1, 22, 25, 80, 443, 1023]) {
      expect(mayConnect({ host: "8.8.8.8", port }, OPEN), `${port}`).to.equal(false);
      expect(mayConnect({ host: "8.8.8.8", port }, { ...STRICT, allowLowPorts: true }), `${port}`).to.equal(true);
    }
    for (const port of [0, -1, 65_536, Number.NaN, 1.5e9]) {
      expect(mayConnect({ host: "8.8.8.8", port }, { ...OPEN, allowLowPorts: true }), `${port}`).to.equal(false);
    }
    for (const port of [1024, 65_535]) expect(mayConnect({ host: "8.8.8.8", port }, STRICT)).to.equal(true);
  });

  it("finds at our own public address nothing but transfers", () => {
    expect(at("9.9.9.9")).to.deep.equal(["9.9.9.9 6891"]);
    for (const port of [6890, 6901, 8008, 5432]) {
      expect(mayConnect({ host: "9.9.9.9", port }, STRICT), `${port}`).to.equal(false);
    }
    const six = { ...STRICT, publicAddress: "2606:4700:0::1" };
    expect(mayConnect({ host: "2606:4700::0001", port: 8008 }, six)).to.equal(false);
    expect(mayConnect({ host: "2606:4700::0001", port: 6900 }, six)).to.equal(true);
    expect(mayConnect({ host: "9.9.9.9", port: 8008 }, OPEN)).to.equal(true);
  });

  it("finds nothing at the other addresses of this machine", () => {
    const machine = { ...STRICT, ownAddresses: () => ["192.168.1.7", "9.9.9.10", "2606:4700::7", "9.9.9.9"] };
    for (const address of ["9.9.9.10", "2606:4700:0::0007"]) {
      for (const port of [1024, 6891, 8008, 29_350])
        expect(mayConnect({ host: address, port }, machine), `${address} ${port}`).to.equal(false);
      expect(mayConnect({ host: address, port: 6891 }, STRICT), address).to.equal(true);
    }
    expect(mayConnect({ host: "9.9.9.9", port: 6891 }, machine)).to.equal(true);
    expect(mayConnect({ host: "9.9.9.9", port: 8008 }, machine)).to.equal(false);
    const unreachable = { ...machine, publicAddress: undefined };
    expect(mayConnect({ host: "9.9.9.9", port: 6891 }, unreachable)).to.equal(false);
    const real = machineAddresses().filter((address) => !address.includes("%"));
    for (const host of real) expect(mayConnect({ host, port: 6891 }, STRICT), host).to.equal(false);
  });

  it("never finds there what this program itself listens at, whatever is allowed", () => {
    const machine = { ...OPEN, ownAddresses: () => ["192.168.1.7", "9.9.9.10"], closedPorts: [29_350] };
    for (const host of ["192.168.1.7", "9.9.9.10", "9.9.9.9", "127.0.0.1", "127.3.2.1", "::1"]) {
      expect(mayConnect({ host, port: 29_350 }, machine), host).to.equal(false);
      expect(mayConnect({ host, port: 29_351 }, machine), host).to.equal(true);
    }
    expect(mayConnect({ host: "192.168.1.8", port: 29_350 }, machine)).to.equal(true);
  });

  it("says what is wrong with the address that was named", () => {
    const transfer = (address: string, port: number): TransferAddress => ({
      address,
      port,
      authCookie: "7",
      senderConnect: false,
    });
    const why = (address: string, port = 6891): string => refusedBy(transfer(address, port), STRICT).reason;
    expect(why("10.0.0.1")).to.equal("private");
    expect(why("169.254.169.254")).to.equal("private");
    expect(why("9.9.9.9", 8008)).to.equal("private");
    expect(why("8.8.8.8", 22)).to.equal("low-port");
    expect(why("224.0.0.1")).to.equal("nowhere");
    expect(refusedBy(transfer("10.0.0.1", 6891), STRICT).message).to.include("10.0.0.1 port 6891");
  });

  it("tries the address behind a router only for neighbours, and only where it may", () => {
    const fields = (address: string): string =>
      `IP-Address: ${address}\r\nIP-Address-Internal: 192.168.1.10\r\nPort: 6891`;
    expect(reached(fields("8.8.8.8"), OPEN)).to.deep.equal(["8.8.8.8 6891"]);
    expect(reached(fields("9.9.9.9"), STRICT)).to.deep.equal(["9.9.9.9 6891"]);
    expect(reached(fields("9.9.9.9"), OPEN)).to.deep.equal(["192.168.1.10 6891", "9.9.9.9 6891"]);
  });

  it("falls back on the other way to write a port", () => {
    const fields = (portX: number): string => `IP-Address: 8.8.8.8\r\nPort: 6891\r\nPortX: ${portX}`;
    expect(reached(fields(11_178), STRICT)).to.deep.equal(["8.8.8.8 6891"]);
    expect(reached(fields(11_179), STRICT)).to.deep.equal(["8.8.8.8 6891", "8.8.8.8 6890"]);
    // Port 22, in disguise.
    expect(reached(fields(22 ^ 0x3141), STRICT)).to.deep.equal(["8.8.8.8 6891"]);
  });

  it("falls back on the internal port, at the internal address first, and still keeps to the rules", () => {
    const fields = (address: string, internal: number): string =>
      `IP-Address: ${address}\r\nIP-Address-Internal: 192.168.1.10\r\nPort: 6891\r\nPortX-Internal: ${internal}`;
    expect(reached(fields("8.8.8.8", 7000 ^ 0x3141), OPEN)).to.deep.equal(["8.8.8.8 6891", "8.8.8.8 7000"]);
    expect(reached(fields("9.9.9.9", 7000 ^ 0x3141), OPEN)).to.deep.equal([
      "192.168.1.10 6891",
      "9.9.9.9 6891",
      "192.168.1.10 7000",
      "9.9.9.9 7000",
    ]);
    expect(reached(fields("9.9.9.9", 7000 ^ 0x3141), STRICT)).to.deep.equal(["9.9.9.9 6891"]);
    expect(reached(fields("8.8.8.8", 11_178), OPEN)).to.deep.equal(["8.8.8.8 6891"]);
    expect(reached(fields("8.8.8.8", 22 ^ 0x3141), OPEN)).to.deep.equal(["8.8.8.8 6891"]);
  });
});
