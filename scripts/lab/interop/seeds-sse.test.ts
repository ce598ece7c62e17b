import { spawn } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { project } from "../../../stacks/project.ts";
import { scratchFolder, type ScratchFolder } from "../../kit/folder.ts";
import { tell } from "../../kit/print.ts";
import { kill } from "../../kit/processes.ts";
import { waitUntil } from "../../kit/wait.ts";
import { onNode, startGateway, type Gateway } from "./gateway.ts";

// The lines about /sse of two deployment guides (seeds 003 and 004), as printed there. curl is told in its own file that both
// of their addresses are this gateway; the scripts get its address in place of localhost:3000.
const CURL = [
  "curl -N http://localhost:3000/sse",
  "curl -v -N http://localhost:3000/sse",
  "curl -v http://your-domain.com/sse",
  `curl -H "Accept: text/event-stream" \\
     -H "Cache-Control: no-cache" \\
     http://your-domain.com/sse`,
  `curl -v -N -H "Accept: text/event-stream" http://your-domain.com/sse`,
];

const EVENT_SOURCE = `
const eventSource = new EventSource('http://localhost:3000/sse');

eventSource.onmessage = (event) => {
  console.log('Received:', event.data);
};

eventSource.onerror = (error) => {
  console.error('SSE error:', error);
};`;

/** The script shows messages alone; the test must also know where to post. */
const SHOW_ENDPOINT = "eventSource.addEventListener('endpoint', ({ data }) => console.log(data));";

const PYTHON = `
import sseclient
import requests

response = requests.get('http://localhost:3000/sse', stream=True)
client = sseclient.SSEClient(response)

for event in client.events():
    print(f'Received: {event.data}')`;

/** The module is that of sseclient-py: the package sseclient has one of the same name, which takes a URL. */
const python = join(project, ".gangway/python/bin/python");
const hasPython = existsSync(python);
if (!hasPython)
  tell(
    "seeds-sse: its Python line is skipped: python3 -m venv .gangway/python && .gangway/python/bin/pip install sseclient-py requests",
  );

describe("the seeds' lines about /sse", () => {
  let folder: ScratchFolder;
  let gateway: Gateway;
  let base: string;

  beforeAll(async () => {
    folder = scratchFolder("interop");
    const options = ["--allowed-hosts", "your-domain.com"];
    gateway = await startGateway(onNode("gateways/fixtures/child.ts"), options);
    base = gateway.url.replace("/mcp", "");
    const here = new URL(base).host;
    const places = ["localhost:3000", "your-domain.com:80"].map((there) => `connect-to = "${there}:${here}"\n`);
    writeFileSync(join(folder.path, ".curlrc"), `${places.join("")}no-buffer\n`);
  });
  afterAll(async () => {
    await gateway?.stop();
    folder?.remove();
  });

  /** Runs a command that shows a stream, and initializes a session on it. @returns what it has shown when the answer is there */
  async function follow(command: readonly string[]): Promise<{ stdout: string; stderr: string }> {
    const [program = "", ...args] = command;
    const env = { PATH: process.env["PATH"], CURL_HOME: folder.path, PYTHONUNBUFFERED: "1" };
    const child = spawn(program, args, { env, detached: true });
    const said = { stdout: "", stderr: "" };
    child.stdout.on("data", (text: Buffer) => (said.stdout += text.toString()));
    child.stderr.on("data", (text: Buffer) => (said.stderr += text.toString()));
    const ended = new Promise((resolve) => child.once("close", resolve));
    try {
      const endpoint = () => /messages\?sessionId=\S+/.exec(said.stdout)?.[0];
      if (!(await waitUntil(() => endpoint() !== undefined, 60_000))) throw new Error(JSON.stringify(said));
      const message = { jsonrpc: "2.0", id: 1, method: "initialize", params: {} };
      const headers = { "content-type": "application/json" };
      await fetch(`${base}/${endpoint()}`, { method: "POST", headers, body: JSON.stringify(message) });
      if (!(await waitUntil(() => said.stdout.includes("serverInfo"), 60_000))) throw new Error(JSON.stringify(said));
      return said;
    } finally {
      kill(-child.pid!);
      await ended;
    }
  }

  const here = (script: string) => script.replace("http://localhost:3000", base);

  test.each(CURL)("%s shows where to post, and then every message", async (line) => {
    const { stdout, stderr } = await follow(["sh", "-c", line]);
    expect(stdout.replaceAll(": \n\n", "")).toMatch(
      /^event: endpoint\ndata: messages\?sessionId=\S+\n\nevent: message\ndata: \{.*\}\n\n$/,
    );
    const head = line.includes("-v") ? /< HTTP\/1\.1 200 OK\s[^]*< content-type: text\/event-stream/ : /^/;
    expect(stderr).toMatch(head);
  });

  test("the EventSource gets every message, and no error", async () => {
    const flag = "--experimental-eventsource"; // Node has it as browsers do, but not yet by default
    const { stdout, stderr } = await follow([process.execPath, flag, "-e", here(EVENT_SOURCE) + SHOW_ENDPOINT]);
    expect(stdout).toMatch(/\nReceived: \{"jsonrpc":"2\.0","id":1,"result":.*serverInfo/);
    expect(stderr).not.toContain("SSE error");
  });

  test.skipIf(!hasPython)("Python's sseclient gets where to post, and every message", async () => {
    const { stdout } = await follow([python, "-c", here(PYTHON)]);
    expect(stdout).toMatch(
      /^Received: messages\?sessionId=\S+\nReceived: \{"jsonrpc":"2\.0","id":1,"result":.*serverInfo/,
    );
  });
});
