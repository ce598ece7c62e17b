/** Text files as a tar archive, which is what `docker cp` takes and gives. */

/** A file with text in it. */
export interface TextFile {
  /** In an archive that is written, with the folders that it is in. */
  readonly name: string;
  readonly text: string;
}

const BLOCK = 512;

/** Where the fields of a header are that we need: `ustar`, POSIX.1-1988. */
const field = {
  name: [0, 100],
  mode: [100, 8],
  size: [124, 12],
  time: [136, 12],
  sum: [148, 8],
  type: [156, 1],
} as const;

const FILE = "0";

/** An archive of one file. Its folders are made where it is unpacked. @param file its name has at most 100 bytes */
export function packed({ name, text }: TextFile): string {
  const header = Buffer.alloc(BLOCK);
  const size = Buffer.byteLength(text);
  const put = (value: string, [start]: readonly [number, number]) => header.write(value, start, "latin1");
  put(name, field.name);
  put("0000644\0", field.mode);
  put(`${size.toString(8).padStart(11, "0")}\0`, field.size);
  put(
    `${Math.floor(Date.now() / 1_000)
      .toString(8)
      .padStart(11, "0")}\0`,
    field.time,
  );
  put(FILE, field.type);
  put("ustar\u000000", [257, 8]);
  header.fill(" ", field.sum[0], field.sum[0] + field.sum[1]);
  const sum = header.reduce((all, byte) => all + byte, 0);
  put(`${sum.toString(8).padStart(6, "0")}\0 `, field.sum);
  return header.toString("latin1") + text + "\0".repeat(((BLOCK - (size % BLOCK)) % BLOCK) + 2 * BLOCK);
}

/** The files in an archive, by their names without folders; whatever else is in it is left out. */
export function unpacked(archive: string): TextFile[] {
  const bytes = Buffer.from(archive);
  const files: TextFile[] = [];
  for (let at = 0; at + BLOCK <= bytes.length && bytes[at] !== 0;) {
    const text = ([start, length]: readonly [number, number]) =>
      bytes.toString("utf8", at + start, at + start + length).replace(/\0.*$/s, "");
    const size = Number.parseInt(text(field.size), 8) || 0;
    const start = at + BLOCK;
    if ([FILE, ""].includes(text(field.type)))
      files.push({ name: text(field.name).replace(/^.*\//, ""), text: bytes.toString("utf8", start, start + size) });
    at = start + Math.ceil(size / BLOCK) * BLOCK;
  }
  return files;
}
