import type { TokenListener } from "../matrix/client/token.ts";
import type { Alerts } from "./alerts.ts";

const REFUSED =
  "The homeserver does not accept this bridge's token any more, so nothing crosses: look whether registration.yaml is " +
  "still in its configuration, and the same as here, and restart it.";

/** Tells the admins when the homeserver does not know the bridge any more. */
export class TokenWatch implements TokenListener {
  readonly #alerts: Alerts;
  #isAccepted = false;

  constructor(alerts: Alerts) {
    this.#alerts = alerts;
  }

  tokenAccepted(): void {
    this.#isAccepted = true;
    this.#alerts.over("token", "The homeserver accepts this bridge's token again.");
  }

  tokenRefused(): void {
    // One that is refused at the start ends the bridge with a sentence of its own.
    if (this.#isAccepted) this.#alerts.alert("token", REFUSED);
    this.#isAccepted = false;
  }
}
