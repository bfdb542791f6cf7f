import { once } from "node:events";
import { connect, createServer, isIP, type LookupFunction, type Server } from "node:net";
import { duplexPair, type Duplex } from "node:stream";
import { expect } from "chai";
import { checkPassword, MsnClient, refusedAddress, type Dial, type Fetch, type MsnEvent } from "../../src/msn/index.ts";
import { fetchHead } from "../../src/msn/net/fetch.ts";
import { GOOD_PASSPORT, NEXUS, passportFetch } from "../support/memory-msn.ts";
import { rejection } from "../support/rejection.ts";
import { until } from "../support/until.ts";

// A hostile MSN server, outside: it is at a public address, and everything else is real.
const OUTSIDE = "9.9.9.9";
const MIA = "mia@example.com";

/** What the server says in answer to a command, `$` being its transaction id. */
type Script = Readonly<Record<string, string>>;

const HONEST: Script = {
  VER: "VER $ MSNP8",
  CVR: "CVR $ 5.0 5.0 5.0 https://a https://b",
  "USR TWN I": "USR $ TWN S ct=1",
  "USR TWN S": `USR $ OK ${MIA} Mia 1 0`,
  SYN: "SYN $ 1 0 0",
  PNG: "QNG",
  CHG: "CHG $ NLN 0",
  // On its switchboards.
  [`USR ${MIA} 1.2`]: `USR $ OK ${MIA} Mia`,
  CAL: "CAL $ RINGING 1\r\nJOI nils@example.com Nils",
  MSG: "ACK $",
};

function play(script: Script): Duplex {
  const [near, far] = duplexPair();
  far.on("error", () => undefined);
  far.on("data", (bytes: Buffer) => {
    for (const line of bytes.toString().split("\r\n")) {
      const [name = "", id = "", one = "", two = ""] = line.split(" ");
      const answer = script[`${name} ${one} ${two}`] ?? script[name];
      if (name === "OUT") far.end();
      if (answer !== undefined) far.write(`${answer.replaceAll("$", id)}\r\n`);
    }
  });
  return near;
}

/** Somebody in our own network, who is not to be reached from outside. */
class Victim {
  calls = 0;
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((socket) => {
      this.calls += 1;
      socket.destroy();
    });
  }

  static async start(): Promise<Victim> {
    const victim = new Victim();
    victim.#server.listen(0, "::");
    await once(victim.#server, "listening");
    return victim;
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("no TCP port");
    return address.port;
  }

  async stop(): Promise<void> {
    this.#server.close();
    await once(this.#server, "close");
  }
}

/** A name server in the hand of the attacker. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  "inside.example": ["127.0.0.1"],
  // As the system reads what is no address but a number.
  "2130706433": ["127.0.0.1"],
  "six.example": ["::1"],
  "mapped.example": ["::ffff:127.0.0.1"],
  "cloud.example": ["169.254.169.254"],
  "lan.example": ["10.0.0.1", "192.168.1.1", "fd00::1"],
  "nowhere.example": ["0.0.0.0"],
};

class HostileNames {
  /** How often the name was asked for that is outside the first time and then inside. */
  rebound = 0;

  readonly lookup: LookupFunction = (name, options, done) => {
    const known = name === "rebinding.example" ? [this.rebound++ === 0 ? OUTSIDE : "127.0.0.1"] : NAMES[name];
    if (known === undefined) return done(Object.assign(new Error("no such name"), { code: "ENOTFOUND" }), "", 0);
    const found = known.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
    if (options.all === true) done(null, found);
    else done(null, found[0]?.address ?? "", found[0]?.family);
  };
}

/** Where a name leads, as far as the connection to it may go there. */
async function resolved(host: string, lookup: LookupFunction | undefined): Promise<string> {
  if (lookup === undefined || isIP(host) !== 0) return host;
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  lookup(host, { all: false }, (error, found) => {
    if (error !== null) reject(error);
    else resolve(typeof found === "string" ? found : (found[0]?.address ?? ""));
  });
  return promise;
}

describe("msn: a hostile server", () => {
  let victim: Victim;
  let names: HostileNames;
  let dials: string[];

  beforeEach(async () => {
    victim = await Victim.start();
    names = new HostileNames();
    dials = [];
  });

  afterEach(async () => victim.stop());

  /** Real connections, except that what is outside is the attacker's. */
  function dialOf(script: Script): Dial {
    return async (host, port, _signal, lookup) => {
      const address = await resolved(host, lookup);
      dials.push(`${address} ${port}`);
      if (address === OUTSIDE) return play(script);
      const socket = connect({ host: address, port });
      socket.on("error", () => undefined);
      await once(socket, "connect");
      return socket;
    };
  }

  function clientOf(script: Script, allowPrivateAddresses = false): { client: MsnClient; events: MsnEvent[] } {
    const client = new MsnClient({
      server: { host: OUTSIDE, port: 1863, nexusUrl: NEXUS, allowPrivateAddresses },
      account: MIA,
      password: "x",
      dial: dialOf({ ...HONEST, ...script }),
      lookup: names.lookup,
      fetch: passportFetch(GOOD_PASSPORT).fetch,
    });
    const events: MsnEvent[] = [];
    client.on("event", (event) => events.push(event));
    return { client, events };
  }

  /** All to places that are inside, or that are other services'. */
  const traps = (): string[] => [
    `127.0.0.1:${victim.port}`,
    `2130706433:${victim.port}`,
    `inside.example:${victim.port}`,
    `six.example:${victim.port}`,
    `mapped.example:${victim.port}`,
    `nowhere.example:${victim.port}`,
    "169.254.169.254:1863",
    "cloud.example:1863",
    "lan.example:1863",
    "10.0.0.1:1863",
    `${OUTSIDE}:22`,
    `${OUTSIDE}:25`,
    "9.9.9.8:80",
  ];

  it("cannot refer us inside when we sign in", async () => {
    for (const trap of traps()) {
      const { client } = clientOf({ "USR TWN I": `XFR $ NS ${trap} 0 ${OUTSIDE}:1863` });
      const error = await rejection(client.connect());
      expect(error, trap).to.include({ code: "address-refused" });
      expect(error.message).to.include(trap.replace(/:\d+$/u, ""));
    }
    expect(new Set(dials)).to.deep.equal(new Set([`${OUTSIDE} 1863`]));
    expect(victim.calls).to.equal(0);
  });

  it("cannot hide an address of version 6 in what is no address of MSN", async () => {
    for (const host of ["::1", "[::1]", "::ffff:127.0.0.1", "[::ffff:10.0.0.1]"]) {
      const { client } = clientOf({ "USR TWN I": `XFR $ NS ${host}:${victim.port} 0` });
      expect(await rejection(client.connect()), host).to.include({ code: "protocol" });
    }
    expect(new Set(dials)).to.deep.equal(new Set([`${OUTSIDE} 1863`]));
    expect(victim.calls).to.equal(0);
  });

  it("cannot send us inside in the middle of a session", async () => {
    for (const trap of traps()) {
      const { client, events } = clientOf({ CHG: `CHG $ NLN 0\r\nXFR 0 NS ${trap} 0 ${OUTSIDE}:1863` });
      await client.connect().catch(() => undefined);
      await until("the end", () => !client.isConnected || events.some(({ type }) => type === "closed"));
      expect(await rejection(client.connect()), trap).to.include({ code: "address-refused" });
    }
    expect(victim.calls).to.equal(0);
  });

  it("cannot have us look for its switchboards inside", async () => {
    for (const trap of traps()) {
      const { client } = clientOf({ XFR: `XFR $ SB ${trap} CKI 1.2` });
      await client.connect();
      const before = dials.length;
      const delivery = await client.conversation("nils@example.com").send({ type: "text", text: "hello" });
      if (delivery.state !== "failed") throw new Error(delivery.state);
      expect(delivery.error, trap).to.include({ code: "address-refused" });
      expect(refusedAddress(delivery.error)?.message, trap).to.include(trap.replace(/:\d+$/u, ""));
      expect(dials.length, "tried once, and not again").to.equal(before);
      await client.disconnect();
    }
    expect(victim.calls).to.equal(0);
  });

  it("cannot call us inside, and the user is told", async () => {
    for (const trap of traps()) {
      const { client, events } = clientOf({ CHG: `CHG $ NLN 0\r\nRNG 7 ${trap} CKI 1.2 Nils@example.com Nils` });
      await client.connect();
      const missed = await until("the call", () => events.find((event) => event.type === "missed-call"));
      expect(missed.account).to.equal("nils@example.com");
      expect(missed.error, trap).to.include({ code: "address-refused" });
      await client.disconnect();
    }
    expect(victim.calls).to.equal(0);
  });

  it("gains nothing by a name that is another one at the second look", async () => {
    const { client } = clientOf({ XFR: "XFR $ SB rebinding.example:1864 CKI 1.2" });
    await client.connect();
    const say = async (contact: string): Promise<string> => {
      const delivery = await client.conversation(contact).send({ type: "text", text: "hello" });
      return delivery.state === "failed" ? delivery.error.code : delivery.state;
    };
    expect(await say("nils@example.com")).to.equal("delivered");
    expect(names.rebound).to.equal(1);
    expect(await say("kim@example.com")).to.equal("address-refused");
    expect(dials.filter((place) => place.endsWith(" 1864"))).to.deep.equal([`${OUTSIDE} 1864`]);
    await client.disconnect();
  });

  it("would otherwise reach the victim by each of these ways", async () => {
    const trap = `inside.example:${victim.port}`;
    const { client: signingIn } = clientOf({ "USR TWN I": `XFR $ NS ${trap} 0` }, true);
    await signingIn.connect().catch(() => undefined);
    expect(victim.calls).to.equal(1);
    const { client } = clientOf(
      { XFR: `XFR $ SB ${trap} CKI 1.2`, CHG: `CHG $ NLN 0\r\nRNG 7 ${trap} CKI 1 n@a.b N` },
      true,
    );
    await client.connect();
    await until("the call", () => victim.calls === 2);
    await client.conversation("nils@example.com").send({ type: "text", text: "hello" });
    expect(victim.calls).to.equal(3);
    await client.disconnect();
  });

  describe("its login service", () => {
    const nexus = "http://nexus.example:8080/nexus";

    /** Real requests, except that what is outside is the attacker's. */
    function fetchOf(pages: Record<string, Record<string, string>>): Fetch {
      return async (url, init) => {
        const headers = pages[url];
        if (headers === undefined) return fetchHead(url, init);
        const status = "location" in headers ? 302 : 200;
        return { status, headers: { get: (name) => headers[name] ?? null } };
      };
    }

    async function ask(pages: Record<string, Record<string, string>>, allowPrivateAddresses = false): Promise<Error> {
      const server = { nexusUrl: nexus, allowPrivateAddresses };
      const fetch = fetchOf(pages);
      return rejection(checkPassword({ server, account: MIA, password: "x", fetch, lookup: names.lookup }));
    }

    const pagesInside = (): string[] => [
      `http://127.0.0.1:${victim.port}/login`,
      `http://2130706433:${victim.port}/login`,
      `http://0x7f.1:${victim.port}/login`,
      `http://[::1]:${victim.port}/login`,
      `http://[::ffff:127.0.0.1]:${victim.port}/login`,
      `http://[::ffff:10.0.0.1]:8080/login`,
      `http://inside.example:${victim.port}/login`,
      `https://inside.example:${victim.port}/login`,
      `http://mapped.example:${victim.port}/login`,
      `http://0.0.0.0:${victim.port}/login`,
      "http://169.254.169.254/latest/meta-data/",
      "https://169.254.169.254/",
      "http://cloud.example:8080/",
      "https://lan.example/",
      "http://9.9.9.8:22/",
      "http://9.9.9.8:25/",
    ];

    it("cannot name a page inside, nor redirect there, however long the chain", async () => {
      const login = "http://login.example:8080/login";
      const hop = "https://hop.example/";
      for (const page of pagesInside()) {
        const chains = [
          { [nexus]: { passporturls: `DALogin=${page}` } },
          { [nexus]: { location: page } },
          { [nexus]: { passporturls: `DALogin=${login}` }, [login]: { location: page } },
          ...(page.startsWith("https:")
            ? [{ [nexus]: { passporturls: `DALogin=${login}` }, [login]: { location: hop }, [hop]: { location: page } }]
            : []),
        ];
        for (const pages of chains) expect(await ask(pages), page).to.include({ code: "address-refused" });
      }
      expect(victim.calls).to.equal(0);
    });

    it("would otherwise reach the victim", async () => {
      const page = `http://inside.example:${victim.port}/login`;
      expect(await ask({ [nexus]: { location: page } }, true)).to.include({ code: "connect-failed" });
      expect(victim.calls).to.equal(1);
    });
  });
});
