/** What may be in a package: files of these kinds, without secrets and what Node 20 lacks, and no more than so many bytes. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

/** What is allowed. */
export interface Contents {
  /** Every kind of file that there may be, as a pattern of the path. */
  readonly kinds: readonly RegExp[];
  /** The most bytes of the tarball, and of what it unpacks to. */
  readonly limits: { readonly packed: number; readonly unpacked: number };
  /** Whether it runs on the oldest Node that we are for, and so may use nothing that this one lacks. */
  readonly isForOldNode: boolean;
}

/** What `npm pack --json` says of a tarball. */
export interface Packed {
  readonly filename: string;
  readonly size: number;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string; readonly size: number }[];
}

const described = /^(package\.json|README\.md|LICENSE)$/;

/** What `gangway init` makes a project of. */
const ofProjects = [/^dist\/templates\/project\/[\w.-]+$/, /^dist\/stacks\/locks\/@[\w+.-]+@[\d.]+\.json$/];

/** By the names of the packages. */
export const contents = {
  "gangway-mcp": {
    kinds: [
      described,
      /^dist\/(gateways|scripts|stacks)\/[a-z/-]+\.(js|d\.ts)$/,
      /^dist\/(gateways\/)?chunks\/[\w.-]+\.js$/,
      /^dist\/gateways\/images\/([a-z]+\.Dockerfile|[a-z]+\.pl)$/,
      /^dist\/stacks\/locks\/base\.json$/,
      ...ofProjects,
      /^dist\/templates\/nginx\/[\w.-]+\.conf$/,
      /^dist\/templates\/monitoring\/alerts\.yml$/,
      /^dist\/templates\/proxies\/([\w-]+\.(conf|cfg|yml)|Caddyfile[a-z-]*)$/,
      /^dist\/templates\/proxies\/compose\/\w+\.(yaml|conf|Dockerfile|cjs)$/,
    ],
    limits: { packed: 545_000, unpacked: 1_600_000 },
    isForOldNode: true,
  },
  "gangway-auth": {
    kinds: [described, /^dist\/main\.js$/, /^dist\/chunks\/[\w.-]+\.js$/],
    // Of these ioredis, which is loaded with STATE_URL alone, is 58 kB packed.
    limits: { packed: 300_000, unpacked: 1_200_000 },
    isForOldNode: false,
  },
  "create-gangway-mcp": {
    kinds: [described, /^dist\/scripts\/create\.js$/, ...ofProjects],
    limits: { packed: 60_000, unpacked: 200_000 },
    isForOldNode: true,
  },
} as const satisfies Record<string, Contents>;

/** What only those who work on Gangway have. */
const ours = /(^|[/.-])(tests?|bench|soak|fuzz|lab|fixtures?|interop|vitest|node_modules)([/.-]|$)/;

/** What a file never says: keys and tokens by the shape that their issuers give them. */
const secrets = [
  /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
  /\b(ghp|gho|ghs|github_pat)_[A-Za-z0-9_]{20,}/,
  /\bnpm_[A-Za-z0-9]{36}/,
  /\bAKIA[A-Z0-9]{16}\b/,
  /\bdop_v1_[0-9a-f]{64}/,
  /\bsk-[A-Za-z0-9_-]{20,}/,
  /\bAIza[\w-]{35}/,
  /\bxox[abp]-[\w-]{10,}/,
];

/** What the oldest Node that we are for does not have. What needs it all the same is loaded where it is there. */
const newer = [
  /\bPromise\.(withResolvers|try)\b/,
  /\b(Map|Object)\.groupBy\b/,
  /\b(URL\.parse|RegExp\.escape|Array\.fromAsync|Error\.isError|Iterator\.from)\b/,
  /\b(globSync|process\.execve|import\.meta\.main)\b/,
  /(from ?|(?<!getBuiltinModule)\()["'`]node:(sqlite|sea)["'`]/,
];

/**
 * What is wrong with a packed folder: nothing, when it may be published.
 * @param folder where its files are
 * @param named texts that no file may contain, such as the values of a .env or a path of this machine, with a name for each
 */
export function problemsOf(
  { files, size, unpackedSize }: Packed,
  folder: string,
  { kinds, limits, isForOldNode }: Contents,
  named: ReadonlyMap<string, string> = new Map(),
): string[] {
  const problems = files.flatMap(({ path }) => {
    if (ours.test(path)) return [`${path}: is for work on Gangway, and not for its users`];
    if (!kinds.some((kind) => kind.test(path)))
      return [`${path}: is of no kind that scripts/package/contents.ts allows`];
    const text = readFileSync(join(folder, path), "utf8");
    const lacking = isForOldNode && path.endsWith(".js") ? newerIn(text) : [];
    return [...foundIn(text, named), ...lacking].map((what) => `${path}: contains ${what}`);
  });
  if (size > limits.packed) problems.push(`the tarball has ${size} bytes, expected ${limits.packed} at most`);
  if (unpackedSize > limits.unpacked)
    problems.push(`unpacked it has ${unpackedSize} bytes, expected ${limits.unpacked} at most`);
  return problems;
}

function foundIn(text: string, named: ReadonlyMap<string, string>): string[] {
  const shaped = secrets.filter((secret) => secret.test(text)).map((secret) => `what looks like a secret (${secret})`);
  const known = [...named].filter(([, value]) => text.includes(value)).map(([name]) => name);
  return [...shaped, ...known];
}

function newerIn(text: string): string[] {
  const names = newer.map((feature) => feature.exec(text)?.[0]);
  return names.filter((name) => name !== undefined).map((name) => `${name}, which Node 20 lacks`);
}
