// A prime, so that no piece of another length fits at a wrong place.
const PERIOD = 65_521;

const once = Buffer.alloc(PERIOD);
for (let at = 0; at < PERIOD; at += 1) once[at] = (Math.imul(at, 2_654_435_761) >>> 24) & 0xff;
const twice = Buffer.concat([once, once]);

/** The bytes of every file of the bench from an offset on, without a copy; at most 64 KB. */
export function patternAt(offset: number, length: number): Buffer {
  if (length > PERIOD) return Buffer.concat([patternAt(offset, PERIOD), patternAt(offset + PERIOD, length - PERIOD)]);
  const start = offset % PERIOD;
  return twice.subarray(start, start + length);
}

/** Takes the bytes of a file as they come, and notices when one is not what it should be. */
export class PatternCheck {
  bytes = 0;
  isRight = true;

  take(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; at += PERIOD) {
      const piece = bytes.subarray(at, at + PERIOD);
      this.isRight &&= piece.equals(patternAt(this.bytes, piece.length));
      this.bytes += piece.length;
    }
  }
}
