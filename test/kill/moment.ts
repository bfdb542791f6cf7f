/** A moment that all processes of this machine tell alike, in milliseconds. It only goes forward. */
export function moment(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
