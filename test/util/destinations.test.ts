import { connect, createServer, type LookupFunction } from "node:net";
import { once } from "node:events";
import { expect } from "chai";
import {
  AddressRefused,
  Destinations,
  placeOf,
  refusedAddress,
  type DestinationOptions,
} from "../../src/util/destinations.ts";
import { rejection } from "../support/rejection.ts";

const CHOSEN = { host: "msn.example.net", port: 1863 };
const PUBLIC = "9.9.9.9";

/** Looks names up in a table; a name with several entries is another one each time. */
class Names {
  asked = 0;
  readonly #table: Map<string, string[][]>;

  constructor(table: Record<string, string[][]>) {
    this.#table = new Map(Object.entries(table));
  }

  readonly lookup: LookupFunction = (name, options, done) => {
    this.asked += 1;
    const entries = this.#table.get(name) ?? [];
    const found = (entries.length > 1 ? entries.shift() : entries[0]) ?? [];
    const list = found.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
    if (list.length === 0) return done(Object.assign(new Error(`no ${name}`), { code: "ENOTFOUND" }), "", 0);
    if (options.all === true) return done(null, list);
    done(null, list[0]?.address ?? "", list[0]?.family);
  };
}

/** Where a connection would go. */
async function reach(destinations: Destinations, host: string, port: number, all = true): Promise<string[]> {
  const { promise, resolve, reject } = Promise.withResolvers<string[]>();
  destinations.check({ host, port })(host, { all }, (error, found) => {
    if (error !== null) reject(error);
    else resolve(typeof found === "string" ? [found] : found.map(({ address }) => address));
  });
  return promise;
}

async function refusal(destinations: Destinations, host: string, port = 1863): Promise<string> {
  try {
    return `reached ${(await reach(destinations, host, port)).join(" ")}`;
  } catch (error) {
    return refusedAddress(error)?.reason ?? String(error);
  }
}

function chosen(names: Record<string, string[][]> = {}, options: DestinationOptions = {}): [Destinations, Names] {
  const found = new Names({ [CHOSEN.host]: [[PUBLIC]], ...names });
  return [new Destinations(CHOSEN, { lookup: found.lookup, ...options }), found];
}

const INSIDE = ["127.0.0.1", "::1", "10.0.0.1", "192.168.1.1", "100.64.0.1", "fd00::1", "::ffff:10.0.0.1"];
const LINK = ["169.254.169.254", "fe80::1", "fd00:ec2::254", "::ffff:169.254.169.254"];
const NOWHERE = ["0.0.0.0", "::", "224.0.0.1", "255.255.255.255", "ff02::1"];

describe("util/destinations", () => {
  it("never lets a server outside send us inside, by an address or by a name", async () => {
    for (const address of [...INSIDE, ...LINK]) {
      const [destinations] = chosen({ trap: [[address]] });
      await reach(destinations, CHOSEN.host, CHOSEN.port);
      expect(await refusal(destinations, address), address).to.equal("private");
      expect(await refusal(destinations, "trap"), address).to.equal("private");
    }
    for (const address of NOWHERE) {
      const [destinations] = chosen({ trap: [[address]] }, { allowPrivateAddresses: true });
      expect(await refusal(destinations, address), address).to.equal("nowhere");
      expect(await refusal(destinations, "trap"), address).to.equal("nowhere");
    }
  });

  it("lets it send us anywhere outside, and inside where that is allowed", async () => {
    const [destinations] = chosen({ other: [["9.9.9.8", "2606:4700::1"]] });
    expect(await reach(destinations, "other", 1864)).to.deep.equal(["9.9.9.8", "2606:4700::1"]);
    expect(await reach(destinations, "other", 1864, false)).to.deep.equal(["9.9.9.8"]);
    for (const address of [...INSIDE, ...LINK]) {
      const [open] = chosen({ place: [[address]] }, { allowPrivateAddresses: true });
      expect(await reach(open, "place", 1864), address).to.deep.equal([address]);
    }
  });

  it("connects to what it has checked: a name that is another one when it is looked up again gains nothing", async () => {
    const [destinations, names] = chosen({ rebinding: [[PUBLIC], ["127.0.0.1"]] });
    expect(await reach(destinations, "rebinding", 1864)).to.deep.equal([PUBLIC]);
    expect(names.asked).to.equal(1);
    expect(await refusal(destinations, "rebinding")).to.equal("private");
    expect(names.asked).to.equal(2);
  });

  it("leaves out those addresses of a name that are inside", async () => {
    const [destinations] = chosen({ both: [["127.0.0.1", PUBLIC, "::1"]] });
    expect(await reach(destinations, "both", 1864)).to.deep.equal([PUBLIC]);
  });

  it("says so when there is no such name", async () => {
    const error = await rejection(reach(chosen()[0], "gone", 1864));
    expect(error).to.include({ code: "ENOTFOUND" });
    expect(refusedAddress(error)).to.equal(undefined);
  });

  it("connects to no port of other services", async () => {
    const [destinations] = chosen({ other: [[PUBLIC]] });
    for (const port of [1, 22, 25, 53, 80, 110, 143, 445, 587, 993, 1023])
      for (const host of [PUBLIC, "other", CHOSEN.host])
        expect(await refusal(destinations, host, port), `${host} ${port}`).to.equal("low-port");
    for (const port of [0, -1, 65_536, Number.NaN])
      expect(await refusal(destinations, PUBLIC, port), `${port}`).to.equal("low-port");
    for (const port of [443, 1024, 1863, 65_535])
      expect(await reach(destinations, "other", port), `${port}`).to.deep.equal([PUBLIC]);
    const own = new Destinations({ host: PUBLIC, port: 80 });
    own.check({ host: "9.9.9.8", port: 80 });
    const [open] = chosen({ other: [[PUBLIC]] }, { allowLowPorts: true });
    expect(await reach(open, "other", 25)).to.deep.equal([PUBLIC]);
  });

  it("lets a server that is inside send us inside, but not to where clouds tell secrets", async () => {
    for (const host of ["127.0.0.1", "192.168.1.5", "fd00::5"]) {
      const destinations = new Destinations({ host, port: 1863 });
      for (const address of INSIDE) destinations.check({ host: address, port: 1864 });
      for (const address of LINK) expect(await refusal(destinations, address), address).to.equal("private");
      expect(await refusal(destinations, "10.0.0.1", 22)).to.equal("low-port");
    }
    const [named] = chosen({ [CHOSEN.host]: [["192.168.1.5"]] });
    expect(await refusal(named, "10.0.0.1"), "not looked up yet").to.equal("private");
    expect(await reach(named, CHOSEN.host, CHOSEN.port)).to.deep.equal(["192.168.1.5"]);
    named.check({ host: "10.0.0.1", port: 1864 });
  });

  it("does not take a server outside for one inside because its name was turned there", async () => {
    const [destinations] = chosen({ [CHOSEN.host]: [[PUBLIC], ["127.0.0.1"]] });
    await reach(destinations, CHOSEN.host, CHOSEN.port);
    expect(await refusal(destinations, CHOSEN.host, CHOSEN.port)).to.equal("private");
    expect(await refusal(destinations, "10.0.0.1")).to.equal("private");
    expect(await refusal(destinations, CHOSEN.host, 5432)).to.equal("private");
    const [mixed] = chosen({ [CHOSEN.host]: [["127.0.0.1", PUBLIC]] });
    await reach(mixed, CHOSEN.host, CHOSEN.port);
    expect(await refusal(mixed, "10.0.0.1")).to.equal("private");
  });

  it("goes on finding the chosen place where it was, and outside wherever it moves", async () => {
    const both = ["192.168.1.5", "2606:4700::5"];
    const [home] = chosen({ [CHOSEN.host]: [both] });
    for (let time = 0; time < 2; time += 1) expect(await reach(home, CHOSEN.host, CHOSEN.port)).to.deep.equal(both);
    const moves = [[PUBLIC], ["9.9.9.8"], ["198.18.0.7"], ["10.0.0.1", "9.9.9.7"], ["10.0.0.1"]];
    const [moving] = chosen({ [CHOSEN.host]: moves });
    const found: string[] = [];
    for (let time = 0; time < 5; time += 1) found.push(await refusal(moving, CHOSEN.host, CHOSEN.port));
    expect(found).to.deep.equal([
      `reached ${PUBLIC}`,
      "reached 9.9.9.8",
      "reached 198.18.0.7",
      "reached 9.9.9.7",
      "private",
    ]);
    const [coming] = chosen({ [CHOSEN.host]: [["192.168.1.5"], [PUBLIC], ["192.168.1.5"], ["192.168.1.6"]] });
    for (const expected of ["reached 192.168.1.5", `reached ${PUBLIC}`, "reached 192.168.1.5", "private"])
      expect(await refusal(coming, CHOSEN.host, CHOSEN.port)).to.equal(expected);
    const [allowed] = chosen({ [CHOSEN.host]: [[PUBLIC], ["10.0.0.1"]] }, { allowPrivateAddresses: true });
    for (const expected of [`reached ${PUBLIC}`, "reached 10.0.0.1"])
      expect(await refusal(allowed, CHOSEN.host, CHOSEN.port)).to.equal(expected);
  });

  it("ends that as soon as a place outside could have had a say", async () => {
    const destinations = new Destinations({ host: "192.168.1.5", port: 1863 });
    destinations.check({ host: "10.0.0.1", port: 1864 });
    destinations.check({ host: PUBLIC, port: 1864 });
    expect(await refusal(destinations, "10.0.0.1")).to.equal("private");
  });

  it("names the place, where it leads, and what is wrong", async () => {
    const [destinations] = chosen({ trap: [["10.0.0.1"]] });
    expect(await rejection(reach(destinations, "trap", 1864)))
      .to.be.instanceOf(AddressRefused)
      .with.property(
        "message",
        "trap port 1864 leads to 10.0.0.1, which is inside a private network or on this machine",
      );
    expect(() => destinations.check({ host: "::1", port: 1864 })).to.throw(AddressRefused, "::1 port 1864 is inside");
    const wrapped = new Error("x", { cause: new Error("y", { cause: new AddressRefused(CHOSEN, "low-port") }) });
    expect(refusedAddress(wrapped)?.reason).to.equal("low-port");
  });

  it("shows people no more of a name than a name can be", () => {
    const [destinations] = chosen();
    const named = (host: string): string => {
      try {
        destinations.check({ host, port: 22 });
        return "";
      } catch (error) {
        return error instanceof Error ? error.message : "";
      }
    };
    expect(named("<b>\u202egnp.example`@room")).to.match(/^\?b\?\?gnp\.example\?\?room port 22 is /u);
    expect(named("a".repeat(8000)).length).to.be.lessThan(200);
  });

  it("reads web addresses", () => {
    const table: Array<[url: string, host: string, port: number]> = [
      ["https://a.example/x", "a.example", 443],
      ["http://A.example", "a.example", 80],
      ["http://[::FFFF:10.0.0.1]:8080/", "::ffff:a00:1", 8080],
      ["http://2130706433:99/", "127.0.0.1", 99],
      ["http://0x7f.1/", "127.0.0.1", 80],
      ["none", "", 0],
    ];
    for (const [url, host, port] of table) expect(placeOf(url), url).to.deep.equal({ host, port });
  });

  it("holds for a real connection, whose system asks once", async () => {
    let calls = 0;
    const server = createServer(() => void (calls += 1));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const port = typeof address === "object" ? (address?.port ?? 0) : 0;
    const dial = async (destinations: Destinations): Promise<Error | undefined> => {
      const socket = connect({ host: "trap", port, lookup: destinations.check({ host: "trap", port }) });
      try {
        await once(socket, "connect");
        return undefined;
      } catch (error) {
        return error instanceof Error ? error : undefined;
      } finally {
        socket.destroy();
      }
    };
    try {
      const table = { trap: [["127.0.0.1"]] };
      const [open, names] = chosen(table, { allowPrivateAddresses: true });
      expect(await dial(open)).to.equal(undefined);
      expect(names.asked).to.equal(1);
      expect(refusedAddress(await dial(chosen(table)[0]))?.reason).to.equal("private");
    } finally {
      server.close();
      await once(server, "close");
    }
    expect(calls).to.equal(1);
  });
});
