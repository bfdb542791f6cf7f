import { expect } from "chai";
import { certificatesIn } from "../../src/util/pem.ts";
import { certificate, serverTls } from "../support/certificates.ts";

describe("util/pem", () => {
  it("finds every certificate, and nothing else", () => {
    const [one, other] = [certificate("ca"), certificate("other-ca")];
    expect(certificatesIn(one)).to.deep.equal([one]);
    const bundle = `# ours\n${one}\n${serverTls().key}\n# theirs\n${other}\n`;
    expect(certificatesIn(bundle)).to.deep.equal([one, other]);
    expect(certificatesIn(one.replaceAll("\n", "\r\n").trim())).to.deep.equal([one]);
  });

  it("says so when there is none", () => {
    for (const text of ["", "nonsense", "\u{0}\u{fffd}0\u{82}", serverTls().key]) {
      expect(() => certificatesIn(text)).to.throw(/^holds no certificate in PEM form/u);
    }
  });

  it("says which one cannot be read", () => {
    const good = certificate("ca");
    const bad = [good.slice(0, 300), good.replace(/\n.{20}/u, "\n"), good.replace(/-----END.*/u, "")];
    for (const [index, text] of bad.entries()) {
      expect(() => certificatesIn(text), `${index}`).to.throw(
        /^holds a certificate that cannot be read \(number 1\)$/u,
      );
      expect(() => certificatesIn(good + text), `${index} behind another`).to.throw(/\(number 2\)$/u);
      expect(() => certificatesIn(text + good), `${index} before another`).to.throw(/\(number 1\)$/u);
    }
  });
});
