import { encodeMime } from "../wire/mime.ts";

/** A packet of the data that clients exchange over a switchboard (docs/msnp.md 7.1). */
export interface Packet {
  readonly session: number;
  readonly identifier: number;
  readonly offset: bigint;
  /** Of the whole message, of which this may be a part. */
  readonly totalSize: bigint;
  readonly flags: number;
  readonly ackId: number;
  readonly data: Buffer;
}

const HEADER_BYTES = 48;
const FOOTER_BYTES = 4;
const ACK_FLAG = 0x02;
// Negative, acknowledgement, error, closed, cancelled, handshake: none of them is a message, and none is acknowledged.
const NO_MESSAGE = 0x01 | ACK_FLAG | 0x08 | 0x40 | 0x80 | 0x100;

/** Undefined for what is no packet. */
export function parsePacket(body: Buffer): Packet | undefined {
  if (body.length < HEADER_BYTES) return undefined;
  const length = body.readUInt32LE(24);
  if (length > body.length - HEADER_BYTES) return undefined;
  return {
    session: body.readUInt32LE(0),
    identifier: body.readUInt32LE(4),
    offset: body.readBigUInt64LE(8),
    totalSize: body.readBigUInt64LE(16),
    flags: body.readUInt32LE(28),
    ackId: body.readUInt32LE(32),
    data: body.subarray(HEADER_BYTES, HEADER_BYTES + length),
  };
}

/** Whether it is a part of a message, which is acknowledged when it is complete. */
export function isMessagePart({ flags }: Packet): boolean {
  return (flags & NO_MESSAGE) === 0;
}

// Numbers of ours only have to differ from one another, so they are made of the other's, with nothing to remember.
const OWN_ACK = 0xffffffff;
const OWN_ANSWER = 0x5a5a5a5a;
const OWN_ACK_ID = 0xa5a5a5a5;

const xor = (number: number, mask: number): number => (number ^ mask) >>> 0;

/** The body that acknowledges a complete message. */
export function encodeAck(packet: Packet): Buffer {
  return encodePacket({
    session: packet.session,
    identifier: xor(packet.identifier, OWN_ACK),
    totalSize: packet.totalSize,
    flags: ACK_FLAG,
    ackId: packet.identifier,
    ackUniqueId: packet.ackId,
    ackSize: packet.totalSize,
    data: Buffer.alloc(0),
  });
}

/** The body that answers a message of session 0 with another. */
export function encodeAnswer({ identifier, ackId }: Packet, data: Buffer): Buffer {
  return encodePacket({
    session: 0,
    identifier: xor(identifier, OWN_ANSWER),
    totalSize: BigInt(data.length),
    flags: 0,
    ackId: xor(ackId, OWN_ACK_ID),
    ackUniqueId: 0,
    ackSize: 0n,
    data,
  });
}

/** The payload of a message with a packet for an account. */
export function encodePacketMessage(to: string, body: Buffer): Buffer {
  const headers = [
    ["MIME-Version", "1.0"],
    ["Content-Type", "application/x-msnmsgrp2p"],
    ["P2P-Dest", to],
  ] as const;
  return encodeMime(headers, body);
}

type Outgoing = Pick<Packet, "session" | "identifier" | "totalSize" | "flags" | "ackId" | "data"> & {
  readonly ackUniqueId: number;
  readonly ackSize: bigint;
};

// The footer, which names the application of a session's data, is zero for both kinds.
function encodePacket(packet: Outgoing): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32LE(packet.session, 0);
  header.writeUInt32LE(packet.identifier, 4);
  header.writeBigUInt64LE(packet.totalSize, 16);
  header.writeUInt32LE(packet.data.length, 24);
  header.writeUInt32LE(packet.flags, 28);
  header.writeUInt32LE(packet.ackId, 32);
  header.writeUInt32LE(packet.ackUniqueId, 36);
  header.writeBigUInt64LE(packet.ackSize, 40);
  return Buffer.concat([header, packet.data, Buffer.alloc(FOOTER_BYTES)]);
}
