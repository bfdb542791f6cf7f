import { readFileSync } from "node:fs";
import { join } from "node:path";

/** Where the certificate of that name lies; `tls/make.sh` says what it is. */
export function certificatePath(name: "ca" | "other-ca" | "leaf" | "expired" | "wrong-host"): string {
  return join(import.meta.dirname, "tls", `${name}.pem`);
}

export function certificate(name: Parameters<typeof certificatePath>[0]): string {
  return readFileSync(certificatePath(name), "utf8");
}

/** What a server of https on this machine needs, with a certificate that the authority "ca" has signed. */
export function serverTls(name: "leaf" | "expired" | "wrong-host" = "leaf"): { key: string; cert: string } {
  return { key: readFileSync(join(import.meta.dirname, "tls/leaf.key"), "utf8"), cert: certificate(name) };
}
