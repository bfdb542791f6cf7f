/** The text of a configuration with nothing that could be left out; it begins with an empty line. */
export const SMALLEST_CONFIG = `
homeserver:
  address: https://matrix.example.org/
  domain: example.org
appservice:
  address: http://127.0.0.1:29350
bridge:
  permissions:
    example.org: user
msn:
  servers:
    - id: one
      name: One
      host: msn.example.net
      nexusUrl: https://msn.example.net/nexus
`;
