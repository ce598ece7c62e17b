/** Faults of package runners: npx, uvx, docker run and their kin, by what they write to standard error. */
import type { Fault } from "./clues.ts";

const NETWORK = "check the network, and HTTPS_PROXY where a proxy is needed";
const CACHE = "the cache of npx is broken by an install that was cut off";

/** npm's own errors are marked, so that a server's are not taken for them. */
const npm = (text: string) => new RegExp(`npm (?:error|ERR!)[^\\n]*?${text}`, "i");

const brokenCache = (input: string) => {
  const folder = /[^\s'"`]*[\\/]_npx[\\/][0-9a-f]+/.exec(input)?.[0];
  return folder && `Most likely ${CACHE}: remove ${folder} and start again.`;
};

const npmFaults: readonly Fault[] = [
  [
    npm("'((?:@[^/'\\s]+/)?[^@'\\s]+)@?[^']*' (?:could not be found|is not in th\\w+ registry)"),
    ([, name]) => `npm has no package ${name}, or it is private: check the spelling of its name.`,
  ],
  [npm("code E404"), "npm has no such package, or it is private: check the spelling of its name."],
  [
    npm("No matching version found for (\\S+?)\\.?\\s"),
    ([, version = ""]) =>
      `There is no version ${version}: leave the version out, or take one that npm view ${nameIn(version)} versions lists.`,
  ],
  [npm("code ETARGET"), "There is no such version of the package: leave the version out, or take one that exists."],
  [npm("code (E401|E403|ENEEDAUTH)"), ([, code]) => `npm's registry asks for a login (${code}): check the .npmrc.`],
  [npm("code EINVALIDTAGNAME|EINVALIDPACKAGENAME"), "npm cannot read the name of the package: check its spelling."],
  [
    npm('Required:\\s*\\{"node":"([^"]+)".*\\n.*Actual:\\s*\\{"node":"(v[\\d.]+)'),
    ([, needs, has]) => `The package needs Node ${needs}, and this is ${has}: install a newer Node.`,
  ],
  [
    npm("code (EACCES|EPERM|EROFS)"),
    ({ 1: code, input }) => {
      const path = /npm (?:error|ERR!) path (\S+)/.exec(input)?.[1];
      return `npm may not write ${path ?? "its cache"} (${code}): make that yours, or set npm_config_cache to a folder that is.`;
    },
  ],
  [npm("root-owned files"), "Files of npm's cache belong to another user: make the folder ~/.npm yours (chown -R)."],
  [npm("ENOSPC|no space left"), "The disk is full: free some space, and start again."],
  [npm("ENOTEMPTY"), ({ input }) => brokenCache(input)],
  [
    npm("code (ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ECONNREFUSED|ECONNRESET|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT)"),
    ({ 1: code, input }) => {
      const host = /request to https?:\/\/([^/\s]+)/.exec(input)?.[1];
      return `npm cannot reach ${host ?? "its registry"} (${code}): ${NETWORK}.`;
    },
  ],
  [
    npm("code ((?:SELF_SIGNED|UNABLE_TO|DEPTH_ZERO|CERT)_\\w+)"),
    ([, code]) =>
      `npm does not trust the certificate of its registry (${code}): set NODE_EXTRA_CA_CERTS to a file with the authority's certificate.`,
  ],
  [
    npm("could not determine executable to run"),
    `The package has no command to run: check its name. If the name is right, ${CACHE}: remove the folder _npx in the npm cache.`,
  ],
  [
    /Ok to proceed\?|canceled due to missing packages and no YES option/,
    "npx asks whether to install the package, and nobody can answer: add -y to the command (npx -y ...).",
  ],
  [/Cannot find (?:module|package)|MODULE_NOT_FOUND|: not found/, ({ input }) => brokenCache(input)],
];

const uvFaults: readonly Fault[] = [
  [
    /Because ([\w.-]+) was not found in the package registry/,
    ([, name]) => `The Python package index has no package ${name}: check the spelling of its name.`,
  ],
  [
    /Because there (?:is|are) no versions? of ([\w.-]+?)(?:(==|[<>~!]=?)([\w.*]+))? and you require/,
    ([, name, sign = "", version = ""]) =>
      `There is no version ${name}${sign}${version}: leave the version out, or take one that exists.`,
  ],
  [
    /Package `([^`]+)` does not provide any executables|executable named `[^`]+` is not provided by package `([^`]+)`/,
    ([, name, other]) =>
      `The package ${name ?? other} has no such command: name it with uvx --from ${name ?? other} <command>.`,
  ],
  [
    /Could not find a version that satisfies the requirement (\S+)|No matching distribution found for (\S+)/,
    ([, name, other]) => `The Python package index has no ${name ?? other}: check the spelling of its name.`,
  ],
  [
    /(?:requires-python|Requires-Python|requires Python|Python version)[^\n]*?(>=?\s?3\.\d+[\d.]*)/,
    ([, version]) => `It needs Python ${version}: install that, or name it (uvx --python 3.13 ...).`,
  ],
  [/No interpreter found/, "uv finds no fitting Python here: uv python install gets one."],
  [
    /(?:Failed to fetch|error sending request)[^\n]*?https?:\/\/([^/\s`)]+)[\s\S]*?(dns error|tcp connect error|timed out|certificate)/,
    ([, host, why]) => `uv cannot reach ${host} (${why}): ${NETWORK}.`,
  ],
];

const dockerFaults: readonly Fault[] = [
  [
    /pull access denied for ([^,\s]+)/,
    ([, image]) => `There is no image ${image}, or it is private: check the spelling of its name, or docker login.`,
  ],
  [
    /manifest for (\S+) not found|manifest unknown/,
    ([, image]) => `There is no image ${image ?? "with that tag"}: check its name and its tag.`,
  ],
  [
    /Cannot connect to the Docker daemon|docker daemon is not running|error during connect/i,
    "Docker does not run here: start it (Docker Desktop, or systemctl start docker).",
  ],
  [
    /permission denied while trying to connect to the (?:Docker daemon|docker API)/i,
    "This user may not use Docker: add it to the group docker, and log in again.",
  ],
  [
    /the input device is not a TTY|cannot enable tty mode/i,
    "docker -t wants a terminal, and there is none: run the image with -i, without -t.",
  ],
  [
    /no matching manifest for (\S+)|platform \(([^)]+)\) does not match/,
    ([, platform, other]) => `The image is not made for this machine (${platform ?? other}): take one that is.`,
  ],
];

/** All of them. */
export const packageFaults: readonly Fault[] = [...npmFaults, ...uvFaults, ...dockerFaults];

/** `@scope/name@1.2.3` without its version. */
const nameIn = (spec: string) => spec.replace(/(.)@.*$/, "$1");
