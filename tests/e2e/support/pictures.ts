import { crc32, deflateSync } from "zlib";

const side = 64;

/** A picture that no other number has: PNG, https://www.w3.org/TR/png-3/. */
export function picture(number: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header.set([8, 2], 8); // 8 bits of each of three colours
  // Each line begins with its filter, 0 for none. Stripes of a colour for each bit outlive a lossy compression.
  const line = (y: number): number[] => [0, ...Array.from({ length: side }, (_, x) => colour(number, x, y)).flat()];
  const content = deflateSync(Buffer.from(Array.from({ length: side }, (_, y) => line(y)).flat()));
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    chunk("IHDR", header),
    chunk("IDAT", content),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function colour(number: number, x: number, y: number): number[] {
  const bit = Math.floor(x / 8) + 8 * Math.floor(y / 32);
  return (number >> bit) & 1 ? [240, 200, 20] : [20, 40, 160];
}

function chunk(type: string, content: Buffer): Buffer {
  const typed = Buffer.concat([Buffer.from(type, "latin1"), content]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(content.length);
  sum.writeUInt32BE(crc32(typed));
  return Buffer.concat([length, typed, sum]);
}
