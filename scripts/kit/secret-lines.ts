/** The line of a secret in each file that names the secrets of the catalog: .env.example, .env and the deploy workflow. */

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
}

/** The name of a secret in the repository's settings: GitHub keeps names that begin with GITHUB_ to itself. */
export const nameInCi = (name: string): string => (name.startsWith("GITHUB_") ? `MCP_${name}` : name);

const assignment = (name: string) => new RegExp(`^\\s*(export\\s+)?${name}\\s*=`, "m");

export const files: readonly Named[] = [
  {
    file: ".env.example",
    has: (text, name) => assignment(name).test(text),
    // Beside the others: in front of the first comment of what comes after them. In a file of one's own, at its end.
    with: (text, secrets) =>
      insert(closed(text), /^(?=\n# Ports on this machine)|$(?![\s\S])/m, secrets.map(exampleLines)),
  },
  {
    file: ".env",
    has: (text, name) => assignment(name).test(text),
    with: (text, secrets) =>
      insert(
        closed(text),
        /$(?![\s\S])/,
        secrets.map(({ name }) => `${name}=\n`),
      ),
  },
  {
    file: ".github/workflows/deploy.yml",
    has: (text, name) => new RegExp(`^ +${name}: \\$\\{\\{ secrets\\.`, "m").test(text),
    with: (text, secrets) =>
      insert(text, /(?<=^ {4}env: &secrets\n(?: {6}\S.*\n)+)(?! {6}\S)/m, secrets.map(workflowLine)),
  },
];

const exampleLines = ({ name, services }: Secret) => `# ${services.join(", ")}\n${name}=\n`;

const workflowLine = ({ name }: Secret) => `      ${name}: \${{ secrets.${nameInCi(name)} }}\n`;

/** With a line break after its last line. */
const closed = (text: string) => text.replace(/(?<=[^\n])$/, "\n");

/** Puts lines where the pattern matches first. */
function insert(text: string, place: RegExp, lines: readonly string[]): string {
  const at = text.search(place);
  if (at < 0)
    throw new Error(
      `there is no place for a secret in it, expected "env: &secrets" of the job plan. Add to the environment of its jobs:\n${lines.join("")}`,
    );
  return `${text.slice(0, at)}${lines.join("")}${text.slice(at)}`;
}
