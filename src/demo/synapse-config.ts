import { randomBytes } from "node:crypto";

export interface ConfigOptions {
  readonly url: string;
  readonly port: number;
  /** Names of files and folders as Synapse sees them. */
  readonly folder: string;
  readonly registrations: readonly string[];
  readonly sharedSecret: string;
}

// Tests and the demo say in a second what people say in an hour.
const OPEN = { per_second: 100_000, burst_count: 100_000 };
const RATE_LIMITS = {
  rc_message: OPEN,
  rc_registration: OPEN,
  rc_admin_redaction: OPEN,
  rc_media_create: OPEN,
  rc_room_creation: OPEN,
  rc_joins_per_room: OPEN,
  rc_reports: OPEN,
  rc_third_party_invite: OPEN,
  rc_login: { address: OPEN, account: OPEN, failed_attempts: OPEN },
  rc_joins: { local: OPEN, remote: OPEN },
  rc_invites: { per_room: OPEN, per_user: OPEN, per_issuer: OPEN },
  rc_presence: { per_user: OPEN },
};

/** The settings that are laid over Synapse's own generated ones: alone on loopback, nothing leaves the machine. */
export function synapseConfig(options: ConfigOptions): string {
  const settings = {
    public_baseurl: `${options.url}/`,
    listeners: [
      {
        port: options.port,
        type: "http",
        tls: false,
        bind_addresses: ["127.0.0.1"],
        resources: [{ names: ["client"], compress: false }],
      },
    ],
    pid_file: `${options.folder}/homeserver.pid`,
    log_config: `${options.folder}/log.yaml`,
    app_service_config_files: options.registrations,
    trusted_key_servers: [],
    suppress_key_server_warning: true,
    federation_domain_whitelist: [],
    report_stats: false,
    enable_metrics: false,
    presence: { enabled: true },
    enable_registration: false,
    registration_shared_secret: options.sharedSecret,
    // The dearest part of registering a user is hashing a password that protects nothing here.
    bcrypt_rounds: 4,
    ...RATE_LIMITS,
  };
  return asYaml(settings);
}

/** Synapse's log: warnings and worse, into one file. */
export function logConfig(folder: string): string {
  return asYaml({
    version: 1,
    disable_existing_loggers: false,
    formatters: { line: { format: "%(asctime)s %(levelname)s %(name)s: %(message)s" } },
    handlers: { file: { class: "logging.FileHandler", formatter: "line", filename: `${folder}/homeserver.log` } },
    root: { level: "WARNING", handlers: ["file"] },
  });
}

export function newSecret(): string {
  return randomBytes(32).toString("base64url");
}

// JSON is YAML.
function asYaml(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
