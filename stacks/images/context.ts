/** What an image is built from, and the digest that names it. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** One file of a context. */
export interface ContextFile {
  readonly content: string | Buffer;
  /** @default false */
  readonly executable?: boolean;
}

/** The files of a build by their path in it, and the values of its arguments. */
export interface ImageContext {
  readonly files: ReadonlyMap<string, ContextFile>;
  readonly args: Readonly<Record<string, string>>;
}

/**
 * The name of what is built: the same paths, modes, bytes and arguments have the same digest on every machine. Terraform's own
 * asset hash ignores paths and modes.
 * @returns 16 hex digits
 */
export function digestOf({ files, args }: ImageContext): string {
  const hash = createHash("sha256");
  for (const [path, { content, executable = false }] of sorted(files))
    part(hash, path, executable ? "x" : "-", content);
  for (const [name, value] of sorted(Object.entries(args))) part(hash, name, "=", value);
  return hash.digest("hex").slice(0, 16);
}

/**
 * Writes a context for the builder, and removes earlier ones.
 * @param folder named by the context's digest: an existing one is complete
 */
export function writeContext(folder: string, { files }: ImageContext): void {
  if (existsSync(folder)) return;
  removeEarlier(dirname(folder));
  const half = `${folder}.${process.pid}`;
  for (const [path, { content, executable = false }] of files) {
    mkdirSync(dirname(join(half, path)), { recursive: true });
    writeFileSync(join(half, path), content, { mode: executable ? 0o755 : 0o644 });
  }
  if (existsSync(folder))
    rmSync(half, { recursive: true }); // two synths at once
  else renameSync(half, folder);
}

function removeEarlier(folder: string): void {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  for (const name of names.filter((name) => /^[0-9a-f]{16}$/.test(name)))
    rmSync(join(folder, name), { recursive: true });
}

function part(hash: ReturnType<typeof createHash>, ...fields: readonly (string | Buffer)[]): void {
  for (const field of fields) hash.update(`${Buffer.byteLength(field)}:`).update(field); // lengths keep fields apart
}

const sorted = <T>(entries: Iterable<readonly [string, T]>) => [...entries].toSorted(([a], [b]) => (a < b ? -1 : 1));
