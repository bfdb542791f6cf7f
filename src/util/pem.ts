import { X509Certificate } from "node:crypto";

const CERTIFICATE = /-----BEGIN CERTIFICATE-----.*?(?:-----END CERTIFICATE-----|$)/gsu;

/**
 * The certificates in a PEM text, one by one and again in that form; whatever else it holds is left out.
 * @throws Error whose message completes a sentence that begins with the text's name: it "holds no certificate"
 */
export function certificatesIn(text: string): string[] {
  const certificates = text.match(CERTIFICATE) ?? [];
  if (certificates.length === 0) {
    throw new Error("holds no certificate in PEM form (-----BEGIN CERTIFICATE-----)");
  }
  return certificates.map((certificate, index) => {
    try {
      return new X509Certificate(certificate).toString();
    } catch (error) {
      throw new Error(`holds a certificate that cannot be read (number ${index + 1})`, { cause: error });
    }
  });
}
