/** The line of a secret in each file that names the secrets of the catalog: .env.example, .env and the deploy workflow. */

import { inLines } from "./line-breaks.ts";

/** A secret of the catalog. */
export interface Secret {
  readonly name: string;
  /** Which services get it. */
  readonly services: readonly string[];
}

/** A file with a line for each secret. */
export interface Named {
  /** From the project's folder. */
  readonly file: string;
  readonly has: (text: string, name: string) => boolean;
  /** The text with lines for these as well. @throws Error when there is no place for them in it */
  readonly with: (text: string, secrets: readonly Secret[]) => string;
  /** The text without their lines: what `with` has added is taken out again. A value stays. */
  readonly without: (text: string, secrets: readonly Secret[]) => string;
}

/** The name of a secret in the repository's settings: GitHub keeps names that begin with GITHUB_ to itself. */
export const nameInCi = (name: string): string => (name.startsWith("GITHUB_") ? `MCP_${name}` : name);

/** The secrets of services, each once. */
export function secretsOf(
  services: readonly {
    readonly name: string;
    readonly secrets: readonly string[];
    readonly optionalSecrets: readonly string[];
  }[],
): Secret[] {
  const named = services.flatMap(({ name: service, secrets, optionalSecrets }) =>
    [...secrets, ...optionalSecrets].map((name) => ({ name, service })),
  );
  const usersOf = (secret: string) => named.filter(({ name }) => name === secret).map(({ service }) => service);
  return Array.from(new Set(named.map(({ name }) => name)), (name) => ({ name, services: usersOf(name) }));
}

const assignment = (name: string) => new RegExp(`^\\s*(export\\s+)?${name}\\s*=`, "m");

export const files: readonly Named[] = [
  {
    file: ".env.example",
    has: (text, name) => assignment(name).test(text),
    // Beside the others: in front of the first comment of what comes after them. In a file of one's own, at its end.
    with: (text, secrets) =>
      inClosed(text, (lines) =>
        insert(lines, /^(?=\n# Ports on this machine)|$(?![\s\S])/m, secrets.map(exampleLines)),
      ),
    without: (text, secrets) =>
      inClosed(text, (lines) => secrets.reduce((rest, secret) => rest.replace(exampleBlock(secret), ""), lines)),
  },
  {
    file: ".env",
    has: (text, name) => assignment(name).test(text),
    with: (text, secrets) => inClosed(text, (lines) => insert(lines, /$(?![\s\S])/, secrets.map(emptyLine))),
    without: (text, secrets) =>
      inClosed(text, (lines) =>
        secrets.reduce((rest, { name }) => rest.replace(new RegExp(`^${name}=\n`, "m"), ""), lines),
      ),
  },
  {
    file: ".github/workflows/deploy.yml",
    has: (text, name) => new RegExp(`^ +${name}: \\$\\{\\{ secrets\\.`, "m").test(text),
    with: (text, secrets) =>
      inLines(text, (lines) => {
        const [block = "", indent = ""] = workflowSecrets.exec(lines) ?? [];
        const added = secrets.map(workflowLine(`${indent}  `));
        if (block === "") throw noPlace(added);
        return lines.replace(block, () => block + added.join(""));
      }),
    without: (text, secrets) =>
      inLines(text, (lines) =>
        secrets.reduce(
          (rest, { name }) => rest.replace(new RegExp(`^ +${name}: \\$\\{\\{ secrets\\..*\n`, "m"), ""),
          lines,
        ),
      ),
  },
];

/** The files that have no line for some secrets of these services. @param read a file's text; undefined where there is none */
export function lackingSecrets(
  services: Parameters<typeof secretsOf>[0],
  read: (file: string) => string | undefined,
): { readonly file: string; readonly names: readonly string[] }[] {
  const all = secretsOf(services).map(({ name }) => name);
  return files.flatMap(({ file, has }) => {
    const text = read(file);
    const names = text === undefined ? [] : all.filter((name) => !has(text, name));
    return names.length === 0 ? [] : [{ file, names }];
  });
}

const exampleLines = ({ name, services }: Secret) => `# ${services.join(", ")}\n${emptyLine({ name })}`;

/** Its line, and the comment above it if that says no more than which services it is for. */
const exampleBlock = ({ name, services }: Secret) =>
  new RegExp(`^(?:# ${services.join(", ")}\n)?(?:export )?${name}=.*\n`, "m");

const emptyLine = ({ name }: Pick<Secret, "name">) => `${name}=\n`;

const workflowLine =
  (indent: string) =>
  ({ name }: Secret) =>
    `${indent}${name}: \${{ secrets.${nameInCi(name)} }}\n`;

/** The secrets of the step `plan`, which the other steps share; of the job, in a project that began with an earlier version. */
const workflowSecrets = /^( +)env: &secrets(?: #.*)?\n(?:\1 {2}\S.*\n)+/m;

/** Edits a text whose last line may lack its line break, and then lacks it afterwards, too. */
const inClosed = (text: string, edit: (text: string) => string): string =>
  inLines(text, (lines) => (/[^\n]$/.test(lines) ? edit(`${lines}\n`).replace(/\n$/, "") : edit(lines)));

/** Puts lines where the pattern matches first. */
function insert(text: string, place: RegExp, lines: readonly string[]): string {
  const at = text.search(place);
  if (at < 0) throw noPlace(lines);
  return `${text.slice(0, at)}${lines.join("")}${text.slice(at)}`;
}

const noPlace = (lines: readonly string[]) =>
  new Error(
    `there is no place for a secret in it, expected "env: &secrets" of the step plan. Add to the environment of its steps:\n${lines.join("")}`,
  );
