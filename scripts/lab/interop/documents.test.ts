import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { BESIDE_START, CURL, SERVES } from "../../../.github/documented.ts";
import { freePort } from "../../kit/ports.ts";
import { waitUntil } from "../../kit/wait.ts";
import { freePorts, type Ports, variablesFor } from "./ports.ts";
import { Project, sh } from "./start.ts";
import { openVisit } from "./visitor.ts";

// The commands of the README and the documents, as they are printed there. Only ports are others.

describe("beside npm start", () => {
  let ports: Ports;
  let project: Project;

  beforeAll(async () => {
    ports = await freePorts();
    project = new Project(variablesFor(ports));
    await project.start();
  });
  afterAll(() => project?.remove());

  const paste = (command: string, env = {}) =>
    sh(`cd '${project.path()}' && ${command}`, { ...variablesFor(ports), ...env });
  /** Verbs about tokens are for whoever has set one. */
  const token = { MCP_BEARER_TOKEN: randomBytes(32).toString("hex") };

  test.each(BESIDE_START)("$document: $text", async ({ text }) => {
    const { code, stdout, stderr } = await paste(text, text.includes("gangway token") ? token : {});
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stdout).not.toBe("");
  });

  test("the two requests by curl", async () => {
    const [, after = ""] = project.read(CURL.document).split(`\n## ${CURL.heading}\n`);
    const [, block = ""] = /^```sh$(.*?)^```$/ms.exec(after) ?? [];
    expect(block).toContain(":8082/mcp");
    const { stdout } = await paste(block.trim().replaceAll(":8082/", `:${ports.memory}/`));
    expect(JSON.parse(stdout)).toMatchObject({
      id: 2,
      result: { tools: expect.arrayContaining([expect.objectContaining({ name: "read_graph" })]) },
    });
  });
});

test.each(SERVES)("$document: $text", async ({ document, text, url, port }) => {
  const project = new Project({});
  try {
    const free = await freePort();
    const here = (said: string) => said.replaceAll(String(port), String(free));
    const [, json = "{}"] = /^```json\n(.*?)^```$/ms.exec(project.read(document)) ?? [];
    project.write("gateway.json", here(json));
    const run = project.run(["exec", "--", ...words(here(text).replace(/^npx /, ""))]);
    const answers = () =>
      openVisit(here(url)).then(
        (visit) => visit.post("tools/list").then(({ status }) => status === 200),
        () => false,
      );
    expect(await waitUntil(async () => run.hasEnded || (await answers()), 90_000), run.stderr).toBe(true);
    expect(run.hasEnded, run.stderr).toBe(false);
  } finally {
    await project.remove();
  }
});

/** As a shell would split it. */
function words(text: string): string[] {
  return Array.from(text.matchAll(/"([^"]*)"|(\S+)/g), ([, quoted, bare]) => quoted ?? bare!);
}
