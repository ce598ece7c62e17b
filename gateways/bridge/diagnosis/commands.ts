/** Why a command cannot be started, and what to do about it. */
import { accessSync, closeSync, constants, openSync, readdirSync, readSync, statSync } from "node:fs";
import { delimiter, extname, isAbsolute, join, resolve } from "node:path";
import { distance } from "fastest-levenshtein";

/** A command that could not be started. */
export interface Unstarted {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string | undefined;
  /** The folders that it is looked for in, as PATH has them. */
  readonly path: string | undefined;
}

/** What is wrong, in words that follow "did not start:", and what to do about it, in a sentence. */
export interface StartFault {
  readonly reason: string;
  readonly hint?: string | undefined;
}

const NODE = "It comes with Node: https://nodejs.org.";
const UV = "It comes with uv: https://docs.astral.sh/uv/getting-started/installation.";

/** Where well-known commands come from. */
const origins: Readonly<Record<string, string>> = {
  node: NODE,
  npm: NODE,
  npx: NODE,
  uv: UV,
  uvx: UV,
  python: "Install Python: https://www.python.org/downloads.",
  python3: "Install Python: https://www.python.org/downloads.",
  pip: "It comes with Python: https://www.python.org/downloads.",
  pipx: "Install it: https://pipx.pypa.io.",
  docker: "Install Docker: https://docs.docker.com/get-docker.",
  podman: "Install Podman: https://podman.io.",
  deno: "Install Deno: https://deno.com.",
  bun: "Install Bun: https://bun.sh.",
  bunx: "It comes with Bun: https://bun.sh.",
  pnpm: "Install it: npm install -g pnpm.",
  yarn: "Install it: npm install -g yarn.",
  tsx: "Install it: npm install -g tsx.",
  go: "Install Go: https://go.dev/dl.",
  java: "Install a Java runtime: https://adoptium.net.",
  dotnet: "Install .NET: https://dotnet.microsoft.com/download.",
  ruby: "Install Ruby: https://www.ruby-lang.org.",
  cargo: "It comes with Rust: https://rustup.rs.",
};

/** Commands that do the same under another name. */
const alike: readonly (readonly string[])[] = [
  ["python", "python3"],
  ["pip", "pip3"],
  ["docker", "podman"],
  ["node", "nodejs"],
];

/** What is wrong with a command that does not exist (ENOENT, ENOTDIR), may not be run (EACCES) or is not a program (ENOEXEC). */
export function startFault(code: string | undefined, unstarted: Unstarted): StartFault {
  const { command, cwd } = unstarted;
  // ENOENT and ENOTDIR are said of the command, also when they are about the folder.
  if (cwd !== undefined && !isFolder(cwd))
    return { reason: `there is no folder ${cwd}`, hint: 'It is the "cwd" of the server: check the path.' };
  if (/\s/.test(command) && !exists(command)) return withArguments(unstarted);
  if (code === "ENOENT" || code === "ENOTDIR") return isPath(command) ? noFile(unstarted) : notFound(unstarted);
  if (code === "EACCES") return notExecutable(unstarted);
  if (code === "ENOEXEC" || code === "UNKNOWN")
    return {
      reason: `${command} is no program for this machine (${code})`,
      hint: `Install its build for ${process.platform} ${process.arch}.`,
    };
  return { reason: `cannot be started (${code})` };
}

function withArguments({ command, args }: Unstarted): StartFault {
  const [first, ...rest] = command.split(/\s+/).filter(Boolean);
  const words = [...rest, ...args].map((word) => JSON.stringify(word)).join(", ");
  return {
    reason: `command not found: ${command}`,
    hint: `Its arguments belong in "args": "command": ${JSON.stringify(first)}, "args": [${words}].`,
  };
}

function notFound({ command, path = "" }: Unstarted): StartFault {
  const reason = `command not found: ${command}`;
  const folders = path.split(delimiter).filter(Boolean);
  const same = alike.find((names) => names.includes(command))?.find((name) => isOnPath(name, folders));
  if (same !== undefined) return { reason, hint: `Use ${same}, which is here.` };
  if (Object.hasOwn(origins, command)) return { reason, hint: origins[command] };
  const near = nearCommand(command, folders);
  if (near !== undefined) return { reason, hint: `Did you mean ${near}?` };
  return { reason, hint: "Install it, or write its whole path." };
}

/** A script whose interpreter is missing is not found either. */
function noFile({ command, cwd }: Unstarted): StartFault {
  const file = resolve(cwd ?? ".", command);
  if (!exists(file)) {
    const from = isAbsolute(command) ? "" : ` in ${cwd ?? "this folder"}`;
    return { reason: `command not found: ${command}`, hint: `There is no such file${from}: check the path.` };
  }
  const interpreter = firstLine(file).match(/^#!\s*([^\r\n]*)(\r?)/);
  if (interpreter?.[2] === "\r")
    return { reason: `${command} cannot be started`, hint: "Its lines end as on Windows (CRLF): save it with LF." };
  if (interpreter)
    return {
      reason: `${command} cannot be started`,
      hint: `It names ${interpreter[1]} as its interpreter, which is not here.`,
    };
  return { reason: `${command} cannot be started`, hint: "It is a program for another system." };
}

const interpreters: Readonly<Record<string, string>> = {
  ".js": "node",
  ".mjs": "node",
  ".cjs": "node",
  ".ts": "npx tsx",
  ".py": "python3",
  ".sh": "sh",
  ".rb": "ruby",
  ".jar": "java -jar",
};

function notExecutable({ command, cwd }: Unstarted): StartFault {
  const file = resolve(cwd ?? ".", command);
  if (isFolder(file)) return { reason: `${command} is a folder`, hint: "Name the program in it." };
  const interpreter = interpreters[extname(command)];
  const instead = interpreter === undefined ? "" : `, or run it as ${interpreter} ${command}`;
  return {
    reason: `${command} may not be executed (EACCES)`,
    hint: `Allow it: chmod +x ${command}${instead}.`,
  };
}

/** A command on the PATH whose name differs in a letter or two, and not in a short word. */
function nearCommand(command: string, folders: readonly string[]): string | undefined {
  const allowed = command.length < 4 ? 1 : 2;
  const near = folders
    .flatMap((folder) => namesIn(folder))
    .map((name) => ({ name, far: distance(command, name) }))
    .filter(({ name, far }) => far > 0 && far <= allowed && name.length > 2)
    .toSorted((one, other) => one.far - other.far);
  const known = near.find(({ name, far }) => far === near[0]!.far && Object.hasOwn(origins, name));
  return (known ?? near[0])?.name;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function isOnPath(name: string, folders: readonly string[]): boolean {
  return folders.some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** "" when it cannot be read. */
function firstLine(file: string): string {
  try {
    const opened = openSync(file, "r");
    const start = Buffer.alloc(256);
    readSync(opened, start);
    closeSync(opened);
    return start.toString("latin1");
  } catch {
    return "";
  }
}

const isPath = (command: string) => /[\\/]/.test(command);
const exists = (file: string) => statSync(file, { throwIfNoEntry: false }) !== undefined;
const isFolder = (file: string) => statSync(file, { throwIfNoEntry: false })?.isDirectory() === true;
