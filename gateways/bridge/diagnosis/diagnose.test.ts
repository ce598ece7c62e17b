/** What servers, package runners and shells wrote when they did not start (recorded), and what is made of it. */
import { expect, test } from "vitest";
import type { Clues } from "./clues.ts";
import { diagnose } from "./diagnose.ts";

const EXIT_1 = { code: 1, signal: null };
const DEFAULTS: Clues = {
  command: "server",
  args: [],
  stderr: "",
  stdout: "",
  end: EXIT_1,
  given: {},
  here: {},
  inFile: false,
};
const running = { end: undefined };

type Row = readonly [what: string, known: Partial<Clues>, told: RegExp | undefined];

const packages: readonly Row[] = [
  [
    "npm: no such package",
    {
      stderr: `npm error code E404
npm error 404 Not Found - GET https://registry.example/@modelcontextprotocol%2fserver-memry-nope
npm error 404
npm error 404  The requested resource '@modelcontextprotocol/server-memry-nope@*' could not be found or you do not have permission to access it.`,
    },
    /^npm has no package @modelcontextprotocol\/server-memry-nope, or it is private: check the spelling of its name\.$/,
  ],
  [
    "npm 10: no such package",
    { stderr: "npm ERR! code E404\nnpm ERR! 404  'no-such-mcp@*' is not in this registry." },
    /^npm has no package no-such-mcp, /,
  ],
  [
    "npm: no such version",
    {
      stderr: `npm error code ETARGET
npm error notarget No matching version found for @modelcontextprotocol/server-memory@99.99.99.
npm error notarget In most cases you or one of your dependencies are requesting a package version that doesn't exist.`,
    },
    /^There is no version @modelcontextprotocol\/server-memory@99\.99\.99: .*npm view @modelcontextprotocol\/server-memory versions/,
  ],
  [
    "npm: no network",
    {
      stderr: `npm error code ENOTFOUND
npm error syscall getaddrinfo
npm error network request to http://no-such-host.invalid/leftpadxyz failed, reason: getaddrinfo ENOTFOUND no-such-host.invalid`,
    },
    /^npm cannot reach no-such-host\.invalid \(ENOTFOUND\): check the network, and HTTPS_PROXY/,
  ],
  [
    "npm: the registry refuses connections",
    {
      stderr: `npm error code ECONNREFUSED
npm error FetchError: request to http://127.0.0.1:1/leftpadxyz failed, reason: connect ECONNREFUSED 127.0.0.1:1`,
    },
    /^npm cannot reach 127\.0\.0\.1:1 \(ECONNREFUSED\)/,
  ],
  ["npm: a proxy that times out", { stderr: "npm error code ETIMEDOUT\nnpm error errno ETIMEDOUT" }, /\(ETIMEDOUT\)/],
  [
    "npm: a certificate of a company's own",
    { stderr: "npm error code SELF_SIGNED_CERT_IN_CHAIN\nnpm error request to https://registry.example/a failed" },
    /certificate of its registry \(SELF_SIGNED_CERT_IN_CHAIN\): set NODE_EXTRA_CA_CERTS/,
  ],
  [
    "npm: a cache that is another user's",
    { stderr: "npm error code EACCES\nnpm error syscall mkdir\nnpm error path /root/.npm/_cacache/tmp" },
    /^npm may not write \/root\/\.npm\/_cacache\/tmp \(EACCES\)/,
  ],
  [
    "npm: a full disk",
    { stderr: "npm error code ENOSPC\nnpm error nospc ENOSPC: no space left on device" },
    /disk is full/,
  ],
  [
    "npm: an engine that does not fit",
    {
      stderr: `npm error code EBADENGINE
npm error notsup Not compatible with your version of node/npm: pipenet@1.4.3
npm error notsup Required: {"node":">=22.0.0"}
npm error notsup Actual:   {"node":"v20.20.2","npm":"11.19.1"}`,
    },
    /^The package needs Node >=22\.0\.0, and this is v20\.20\.2: install a newer Node\.$/,
  ],
  [
    "npm: a login is needed",
    { stderr: "npm error code E401\nnpm error Unable to authenticate" },
    /asks for a login \(E401\)/,
  ],
  [
    "npm: a package without a command",
    { stderr: "npm error could not determine executable to run" },
    /^The package has no command to run: check its name\. .*remove the folder _npx/,
  ],
  [
    "npm: a broken cache",
    { stderr: "npm error ENOTEMPTY: directory not empty, rename '/root/.npm/_npx/15b07286cbcc3329/node_modules/a'" },
    /remove \/root\/.npm\/_npx\/15b07286cbcc3329 and start again/,
  ],
  [
    "a module that is missing in the cache of npx",
    { stderr: "Error: Cannot find module '/root/.npm/_npx/0a1b/node_modules/zod/index.js'" },
    /remove \/root\/.npm\/_npx\/0a1b and start again/,
  ],
  [
    "npx without -y",
    { stdout: "Need to install the following packages:\n@acme/server@1.0.0\nOk to proceed? (y) ", ...running },
    /add -y to the command/,
  ],
  [
    "npx without -y, which gives up",
    { stderr: 'npm error npx canceled due to missing packages and no YES option: ["a@1.0.0"]' },
    /add -y to the command/,
  ],
  [
    "uvx: no such package",
    {
      stderr: `error: No solution found when resolving tool dependencies
  cause: Because mcp-server-no-such-thing-xyz was not found in the package registry and you require mcp-server-no-such-thing-xyz, we can conclude that your requirements are unsatisfiable.`,
    },
    /^The Python package index has no package mcp-server-no-such-thing-xyz: /,
  ],
  [
    "uvx: no such version",
    {
      stderr:
        "  cause: Because there is no version of mcp-server-fetch==99.0 and you require mcp-server-fetch==99.0, we can conclude that your requirements are unsatisfiable.",
    },
    /^There is no version mcp-server-fetch==99\.0: /,
  ],
  [
    "uvx: a package without a command",
    { stderr: "Installed 5 packages in 10ms\nPackage `requests` does not provide any executables." },
    /^The package requests has no such command: name it with uvx --from requests <command>\.$/,
  ],
  [
    "uvx: no network",
    {
      stderr: `error: Request failed after 3 retries in 12.9s
  cause: Failed to fetch: http://no-such-host.invalid/simple/mcp-server-fetch/
  cause: error sending request for url (http://no-such-host.invalid/simple/mcp-server-fetch/)
  cause: client error (Connect)
  cause: dns error`,
    },
    /^uv cannot reach no-such-host\.invalid \(dns error\): check the network/,
  ],
  [
    "docker: no such image",
    {
      stderr: `Unable to find image 'mcp/no-such:latest' locally
docker: Error response from daemon: pull access denied for mcp/no-such, repository does not exist or may require 'docker login'`,
    },
    /^There is no image mcp\/no-such, or it is private/,
  ],
  [
    "docker: no such tag",
    {
      stderr:
        "docker: Error response from daemon: manifest for mcp/time:nope not found: manifest unknown: manifest unknown.",
    },
    /^There is no image mcp\/time:nope: check its name and its tag\.$/,
  ],
  [
    "docker: no daemon",
    {
      stderr:
        "docker: Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
    },
    /^Docker does not run here/,
  ],
  ["docker: -t", { stderr: "the input device is not a TTY" }, /run the image with -i, without -t\.$/],
  [
    "docker: without -i",
    { command: "docker", args: ["run", "--rm", "mcp/time"], end: { code: 0, signal: null } },
    /^docker run needs -i/,
  ],
];

const machine: readonly Row[] = [
  [
    "a taken port",
    { stderr: "Error: listen EADDRINUSE: address already in use :::3025" },
    /opens port 3025 that is in use.*--isolation shared/,
  ],
  [
    "a taken port, in Python",
    { stderr: "OSError: [Errno 98] error while attempting to bind: address already in use" },
    /opens a port that is in use/,
  ],
  ["killed for its memory", { end: { code: null, signal: "SIGKILL" } }, /most likely because the memory ran out/],
  ["killed in a shell", { end: { code: 137, signal: null } }, /most likely because the memory ran out/],
  [
    "a heap that is full",
    {
      stderr: "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory",
      end: { code: null, signal: "SIGABRT" },
    },
    /NODE_OPTIONS=--max-old-space-size/,
  ],
  [
    "a program of another platform",
    { command: "./srv", stderr: "./srv: cannot execute binary file: Exec format error" },
    /^\.\/srv is a program for another kind of machine/,
  ],
  ["a script with CRLF", { stderr: "env: 'node\\r': No such file or directory" }, /save it with LF/],
  [
    "a shebang without its interpreter",
    { stderr: "/usr/bin/env: ‘bun’: No such file or directory" },
    /^It needs bun, which is not installed/,
  ],
  [
    "a command in a shell",
    { stderr: "sh: 1: uvx: not found", end: { code: 127, signal: null } },
    /^It runs uvx, which is not installed/,
  ],
  [
    "an old Node",
    { stderr: "ReferenceError: File is not defined\n    at x\n\nNode.js v18.20.4" },
    /written for a newer Node than v18\.20\.4/,
  ],
  [
    "an engine that npm only warned of",
    {
      stderr:
        "npm warn EBADENGINE Unsupported engine {\nnpm warn EBADENGINE   package: 'a@1.0.0',\nnpm warn EBADENGINE   required: { node: '>=22' },\nnpm warn EBADENGINE   current: { node: 'v20.1.0', npm: '10' }\nnpm warn EBADENGINE }\nTypeError: x",
    },
    /^It needs Node >=22, and this is v20\.1\.0/,
  ],
  [
    "a script that is not there",
    {
      stderr:
        "Error: Cannot find module '/srv/dist/index.js'\n    at Module._resolveFilename {\n  code: 'MODULE_NOT_FOUND',\n  requireStack: []\n}",
    },
    /^There is no file \/srv\/dist\/index\.js: check the path, and build the server/,
  ],
  [
    "a dependency that is not installed",
    { stderr: "Error [ERR_MODULE_NOT_FOUND]: Cannot find package 'zod' imported from /srv/main.js" },
    /^Its dependency zod is not installed: run npm install/,
  ],
  [
    "a Python script that is not there",
    { stderr: "python3: can't open file '/srv/a.py': [Errno 2] No such file" },
    /^There is no file \/srv\/a\.py/,
  ],
  [
    "a Python module that is not there",
    { stderr: "/usr/bin/python3: No module named mcp_server_time" },
    /no module mcp_server_time/,
  ],
  ["a module of the server's own", { stderr: "Error: Cannot find module './mine.js'" }, undefined],
];

const KEY = { API_KEY: "x" };
const variables: readonly Row[] = [
  [
    "a variable that is set here",
    { stderr: "Error: API_KEY is required", here: KEY },
    /^API_KEY is set here but not passed on to the server: add --env API_KEY\.$/,
  ],
  [
    "in a file",
    { stderr: "API_KEY is required", here: KEY, inFile: true },
    /add API_KEY to "env" of its entry in gateway\.json.*"secrets" of its entry in services\.ts\.$/,
  ],
  [
    "in a container",
    { stderr: "API_KEY is required", here: { ...KEY, SERVER_COMMAND: "a" } },
    /add API_KEY to SERVER_ENV/,
  ],
  ["while it waits", { stderr: "waiting: API_KEY is missing", here: KEY, ...running }, /--env API_KEY/],
  ["on stdout", { stdout: "API_KEY is required", here: KEY }, /--env API_KEY/],
  ["as a file", { stderr: "API_KEY is required", here: { API_KEY_FILE: "/run/key" } }, /--env API_KEY/],
  [
    "Brave's words",
    { stderr: "Error: BRAVE_API_KEY environment variable is required", here: { BRAVE_API_KEY: "x" } },
    /--env BRAVE_API_KEY/,
  ],
  [
    "GitLab's words, not set",
    { stderr: "GITLAB_PERSONAL_ACCESS_TOKEN environment variable is not set" },
    /^It needs GITLAB_PERSONAL_ACCESS_TOKEN, which is not set here: set it, and add --env GITLAB_PERSONAL_ACCESS_TOKEN\.$/,
  ],
  [
    "several in one line",
    { stderr: "you must set A_B and C_D", here: { A_B: "1", C_D: "2" } },
    /^A_B and C_D are set here .* --env A_B --env C_D/,
  ],
  [
    "a list",
    { stderr: "Missing required environment variables:\n  - SLACK_BOT_TOKEN\n  - SLACK_TEAM_ID\n" },
    /^It needs SLACK_BOT_TOKEN and SLACK_TEAM_ID, which are not set/,
  ],
  ["a short name", { stderr: "Environment variable DSN is required" }, /^It needs DSN, which is not set here/],
  [
    "Python's KeyError",
    { stderr: 'File "/a.py"\n    key = os.environ["NOTION_KEY"]\nKeyError: \'NOTION_KEY\'' },
    /^It needs NOTION_KEY,/,
  ],
  ["nothing is said to be missing", { stderr: "using A_B and C_D", here: { A_B: "1", C_D: "2" } }, undefined],
  ["it has the variable", { stderr: "API_KEY is required", here: KEY, given: { API_KEY: "y" } }, undefined],
  ["an error's code is no variable", { stderr: "Error: ERR_MODULE_NOT_FOUND: not found" }, undefined],
];

const conversation: readonly Row[] = [
  [
    "usage",
    { stderr: "Usage: mcp-server-filesystem <allowed-directory>" },
    /^It wants other arguments: "Usage: mcp-server-filesystem <allowed-directory>"\. Add them to its command\.$/,
  ],
  [
    "usage on stdout",
    { stdout: "usage: weather [-h] city\n", end: { code: 2, signal: null } },
    /^It wants other arguments: "usage: weather/,
  ],
  [
    "argparse",
    {
      stderr: "usage: srv [-h] --db DB\nsrv: error: the following arguments are required: --db",
      end: { code: 2, signal: null },
    },
    /"srv: error: the following arguments are required: --db" "usage: srv/,
  ],
  [
    "Postgres's words",
    { stderr: "Please provide a database URL as a command-line argument" },
    /^It wants other arguments: "Please provide a database URL/,
  ],
  [
    "commander",
    { stderr: "error: unknown option '--foo'" },
    /^It wants other arguments: "error: unknown option '--foo'"/,
  ],
  ["a usage text of a server that runs", { stderr: "Usage: a <b>", ...running }, undefined],
  [
    "a question",
    { stdout: "Enter your API token: ", ...running },
    /^It asks "Enter your API token:", and nobody can answer/,
  ],
  ["a terminal", { stderr: "Error: stdin is not a TTY" }, /^It wants a terminal/],
  [
    "HTTP",
    { stderr: "INFO: Uvicorn running on http://127.0.0.1:8000 (Press CTRL+C to quit)", ...running },
    /serve HTTP itself .*option for stdio, .*--url http:\/\/127\.0\.0\.1:8000\.$/,
  ],
  [
    "HTTP on stdout",
    { stdout: "Server listening on port 3000", ...running },
    /serve HTTP itself \("Server listening on port 3000"\).*--url http:\/\/127\.0\.0\.1:3000\/mcp/,
  ],
  [
    "stdio, said as HTTP servers do",
    { stderr: "Secure MCP Filesystem Server running on stdio", ...running },
    undefined,
  ],
];

const output: readonly Row[] = [
  [
    "a banner",
    { stdout: "hello banner\n", ...running },
    /^Its stdout is not JSON-RPC: the first line was "hello banner"\. Log to stderr instead\.$/,
  ],
  ["a banner without a line break", { stdout: "hello banner", ...running }, /"hello banner"/],
  ["a long banner", { stdout: `${"=".repeat(500)}\nhello`, ...running }, /was "={120}…"/],
  ["a log in JSON", { stdout: '{"level":30,"msg":"started"}\n', ...running }, /was "\{'level':30,'msg':'started'\}"/],
  [
    "the framing of language servers",
    { stdout: "Content-Length: 120\n", ...running },
    /"Content-Length", as language servers do \(LSP\)/,
  ],
  ["nothing at all", { end: { code: 0, signal: null } }, /^It ended without a word/],
  ["something unknown", { stderr: "Traceback" }, undefined],
];

for (const [kind, rows] of Object.entries({ packages, machine, variables, conversation, output }))
  test.for(rows)(`${kind}: %s`, ([, known, told]) => {
    expect(diagnose({ ...DEFAULTS, ...known }) ?? "nothing").toMatch(told ?? /^nothing$/);
  });

test("what is told is in whole sentences", () => {
  for (const [what, known] of [...packages, ...machine, ...variables, ...conversation, ...output])
    expect(diagnose({ ...DEFAULTS, ...known }) ?? "It.", what).toMatch(
      /^(?:[A-Z]|npm|npx|uv|docker|\S+ (?:is|are) |\.\/).*\.$/s,
    );
});
