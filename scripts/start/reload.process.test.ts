/** `npm start` takes changes of the catalog and of .env while it runs. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test as plain } from "vitest";
import { Caller } from "../../stacks/fixtures/caller.ts";
import { project } from "../../stacks/project.ts";
import { hold } from "../kit/ports.ts";
import { waitUntil } from "../kit/wait.ts";

/** Milliseconds that a busy machine is given. */
const LONG = 120_000;

const child = join(project, "gateways/fixtures/child.ts");
const from = (file: string) => JSON.stringify(join(project, "stacks/catalog", `${file}.ts`));

/** A catalog of servers that are all the same. @param entries what each entry says besides */
const catalog = (entries: Readonly<Record<string, string>>) => `
import { defineServices } from ${from("define")};
import { command } from ${from("kinds/command")};
const server = command(${JSON.stringify([process.execPath, child])});
export const services = defineServices({
${Object.entries(entries)
  .map(([name, more]) => `  ${name}: { server, ${more} },`)
  .join("\n")}
});
`;

const test = plain.extend<{ start: (services: string, env?: string) => Promise<Started> }>({
  start: ({ onTestFinished }, use) =>
    use(async (services, env = "") => {
      const folder = mkdtempSync(join(tmpdir(), "gangway-reload-"));
      const { port, release } = await hold(0);
      await release();
      writeFileSync(join(folder, "services.ts"), services);
      writeFileSync(join(folder, ".env"), env);
      const { PATH, HOME, TMPDIR } = process.env;
      const verb = spawn(process.execPath, [join(project, "scripts/gangway.ts"), "start"], {
        cwd: folder,
        env: { PATH, HOME, TMPDIR, HUB_PORT: String(port), GANGWAY_SANDBOX: "false" },
        stdio: ["ignore", "pipe", "pipe"],
      });
      let said = "";
      for (const output of [verb.stdout, verb.stderr]) output.setEncoding("utf8").on("data", (text) => (said += text));
      const exit = new Promise((resolve) => verb.once("exit", resolve));
      onTestFinished(async () => {
        verb.kill("SIGINT");
        await exit;
        rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
      }, 60_000);
      const says = async (what: RegExp) => {
        await waitUntil(() => what.test(said) || verb.exitCode !== null, LONG);
        expect(said).toMatch(what);
      };
      await says(/Stop +Ctrl-C/);
      const write = (file: string, text: string) => writeFileSync(join(folder, file), text);
      return { write, says, open: (name) => new Caller(`http://127.0.0.1:${port}/${name}/mcp`, { token: "" }).open() };
    }),
});

interface Started {
  readonly write: (file: string, text: string) => void;
  readonly says: (what: RegExp) => Promise<void>;
  readonly open: (name: string) => Promise<Caller>;
}

test("a service that is added is there, one that stays keeps its session, and a mistake changes nothing", async ({
  start,
}) => {
  const { write, says, open } = await start(catalog({ one: "port: 18471" }));
  const one = await open("one");
  const pid = await one.call("pid");
  write("services.ts", catalog({ one: "port: 18471", two: "port: 18472" }));
  await says(/services\.ts has changed:\n +\+ two\n/);
  await says(/ two: http:/);
  expect(await (await open("two")).call("echo", { text: "new" })).toBe("new");
  expect(await one.call("pid")).toBe(pid);
  write("services.ts", catalog({ one: "prot: 18471" }));
  await says(/services\.ts or \.env has changed, and is wrong: what runs goes on\n.*prot/s);
  expect(await one.call("pid")).toBe(pid);
});

test("a secret that comes to .env starts the service that waits for it", async ({ start }) => {
  const { write, says, open } = await start(catalog({ one: `port: 18473, secrets: ["ONE_KEY"]`, two: "port: 18474" }));
  write(".env", "ONE_KEY=abcdefgh12345678\n");
  await says(/~ one \(/);
  await says(/ one: http:/);
  expect(await (await open("one")).call("echo", { text: "new" })).toBe("new");
});
