/**
 * Why the certificate of a server was not accepted.
 * - `unknown-authority`: it is not signed by an authority that is trusted here
 * - `out-of-date`: it, or that of its authority, has expired or is not valid yet
 * - `wrong-host`: it is for other hosts
 */
export type CertificateProblem = "unknown-authority" | "out-of-date" | "wrong-host";

// What Node calls them (its documentation of TLS, "X509 certificate error codes").
const PROBLEMS: ReadonlyMap<unknown, CertificateProblem> = new Map([
  ["UNABLE_TO_GET_ISSUER_CERT", "unknown-authority"],
  ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "unknown-authority"],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "unknown-authority"],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", "unknown-authority"],
  ["SELF_SIGNED_CERT_IN_CHAIN", "unknown-authority"],
  // Signed by another authority of the same name.
  ["CERT_SIGNATURE_FAILURE", "unknown-authority"],
  ["CERT_UNTRUSTED", "unknown-authority"],
  ["INVALID_CA", "unknown-authority"],
  ["CERT_HAS_EXPIRED", "out-of-date"],
  ["CERT_NOT_YET_VALID", "out-of-date"],
  ["HOSTNAME_MISMATCH", "wrong-host"],
  ["ERR_TLS_CERT_ALTNAME_INVALID", "wrong-host"],
]);

/** What is wrong with the certificate that made a connection fail; undefined when it failed for another reason. */
export function certificateProblem(error: unknown): CertificateProblem | undefined {
  if (!(error instanceof Error)) return undefined;
  // The web's fetch, and our own errors, put the reason under what they say.
  return ("code" in error ? PROBLEMS.get(error.code) : undefined) ?? certificateProblem(error.cause);
}
