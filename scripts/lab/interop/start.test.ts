import { existsSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { McpClient } from "../../kit/mcp/client.ts";
import { freePorts, variablesFor, type Ports } from "./ports.ts";
import { waitUntil } from "../../kit/wait.ts";
import { Project, type ServiceRow, type Started } from "./start.ts";
import { callTool, openVisit } from "./visitor.ts";

const up = ["memory", "filesystem", "everything", "firecrawl"];
const lacking = {
  coda: /CODA_API_TOKEN$/,
  github: /(Docker \(.*\) and )?GITHUB_PERSONAL_ACCESS_TOKEN$/, // where there is no Docker, it needs that, too
  n8n: /Docker$/,
};
const matching = (needs: RegExp) => expect.stringMatching(new RegExp(`^${needs.source}`)) as string;
const password = "swordfish-in-the-env-file";

describe("the first npm start in a fresh copy, with no token set", () => {
  let ports: Ports;
  let project: Project;
  let started: Started;

  beforeAll(async () => {
    ports = await freePorts();
    project = new Project(variablesFor(ports));
    project.write(".env", `PASSWORD=${password}\nMCP_BEARER_TOKEN=\n`);
    started = await project.start();
  });
  afterAll(() => project?.remove());

  test("prints one JSON document: every service, where it is, its state, its tools, what it needs", () => {
    const row = (name: keyof Ports, rest: Partial<ServiceRow>) => ({
      name,
      url: `http://127.0.0.1:${ports[name]}/mcp`,
      tools: 0,
      needs: null,
      error: null,
      ...rest,
    });
    const isUp = { state: "up", tools: expect.toSatisfy((tools: number) => tools > 0) } as const;
    expect(JSON.parse(started.run.stdout)).toEqual({
      services: [
        row("coda", { state: "needs", needs: matching(lacking.coda) }),
        row("github", { state: "needs", needs: matching(lacking.github) }),
        row("memory", isUp),
        row("firecrawl", isUp),
        row("n8n", { state: "needs", needs: matching(lacking.n8n) }),
        row("filesystem", isUp),
        row("everything", isUp),
      ],
      hub: `http://127.0.0.1:${ports.hub}`,
    });
  });

  test.each(up)("%s serves its tools on its own port and on the hub, and asks for no token", async (name) => {
    const { url, tools } = started.service(name);
    for (const address of [url, `${started.document.hub}/${name}/mcp`]) {
      const { json } = await (await openVisit(address)).post("tools/list");
      expect(json).toHaveProperty("result.tools.length", tools);
    }
  });

  test.each(Object.entries(lacking))("%s listens without what it needs, and says so: %s", async (name, needs) => {
    const visit = new McpClient(started.service(name).url, undefined);
    expect(await visit.get("/health")).toMatchObject({ status: 200, json: { status: "ok", service: `${name}-mcp` } });
    expect(await visit.get("/ready")).toMatchObject({ status: 503 });
    const message = expect.stringMatching(new RegExp(`needs ${needs.source.slice(0, -1)}`)) as string;
    expect(await visit.post("initialize", {})).toMatchObject({
      status: 503,
      json: { jsonrpc: "2.0", error: { code: expect.any(Number), message } },
    });
  });

  test("a second start in the same folder says who has it, and disturbs nothing", async () => {
    const again = await project.npm(["start", "--silent", "--", "--json"]);
    expect(again).toMatchObject({ code: 1, stdout: "" });
    expect(again.stderr).toContain(
      `gangway start: it runs already: pid ${started.run.script}, ${started.document.hub}.`,
    );
    expect(existsSync(project.path(".gangway/running.json"))).toBe(true);
    await openVisit(started.service("memory").url);
  });

  describe("filesystem", () => {
    test("serves a folder of its own", async () => {
      const visit = await openVisit(started.service("filesystem").url);
      const files = project.path(".gangway/data/files");
      expect(await callTool(visit, "list_allowed_directories")).toBe(`Allowed directories:\n${files}`);
      expect(await callTool(visit, "read_text_file", { path: `${files}/welcome.txt` })).toContain("filesystem");
    });

    test.each([
      ["read_text_file", () => ({ path: project.path(".env") })],
      ["read_text_file", () => ({ path: "../../../.env" })],
      ["read_text_file", () => ({ path: `${project.path(".gangway/data/files")}/../../../.env` })],
      ["read_media_file", () => ({ path: project.path(".env") })],
      ["list_directory", () => ({ path: project.path() })],
      ["search_files", () => ({ path: project.path(), pattern: ".env" })],
      ["move_file", () => ({ source: project.path(".env"), destination: project.path(".gangway/data/files/env") })],
    ])("does not serve .env: %s is refused (%#)", async (tool, args) => {
      const visit = await openVisit(started.service("filesystem").url);
      await expect(callTool(visit, tool, args())).rejects.toThrow(/^Access denied/);
      expect(project.read(".env")).toContain(password);
    });
  });

  test("no server sees the contents of .env", async () => {
    const visit = await openVisit(started.service("everything").url);
    const environment = await callTool(visit, "get-env");
    expect(environment).toContain('"PATH"');
    expect(environment).not.toContain(password);
  });

  test("npx gangway verify is green", async () => {
    const verified = await project.npm(["run", "--silent", "verify"]);
    expect(verified.stdout).toContain("all is well (4 of 7 checked)");
    expect(verified).toMatchObject({ code: 0 });
  });

  test("SIGTERM ends npm, the gateway and every server, and gives the folder and the ports back", async () => {
    const programs = ["gateways/main.ts", "server-memory", "server-filesystem", "server-everything", "firecrawl-mcp"];
    expect(await waitUntil(() => programs.every((program) => started.run.runs(program)), 10_000)).toBe(true);
    await started.run.stop();
    expect(started.run.processes()).toEqual([]);
    expect(existsSync(project.path(".gangway/running.json"))).toBe(false);
    for (const port of Object.values(ports))
      await expect(fetch(`http://127.0.0.1:${port}/health`)).rejects.toThrow("fetch failed");
    expect(started.run.stdout).toBe(`${JSON.stringify(started.document)}\n`);
  });
});
