/** Hears whether the homeserver knows our as_token. */
export interface TokenListener {
  /** The homeserver does not know it; reported with every request that it refuses for that. */
  tokenRefused(): void;
}
