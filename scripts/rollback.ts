/** `npm run rollback`: holds a service at the release before, or lets it go again. */
import { parseArgs } from "node:util";
import { pickServices } from "../stacks/catalog/define.ts";
import { readPins } from "../stacks/images/pins.ts";
import { releasesOf } from "../stacks/provision/releases.ts";
import { environmentVariable, readSettings } from "../stacks/settings.ts";
import { previousRelease, writePins } from "./rollback/pins.ts";

const usage = `npm run rollback -- [--release] <service>

Pins a service to the release before the one that runs: stacks/pins.json names its image, the next deploy puts it up behind
the same gate as every other release, and a plan shows the pin. The service stays there, whatever the catalog says, until
it is released. Looks at this machine's Docker (stack local), or with DOCKER_HOST=ssh://root@<droplet>[:<port>] at that one's
(stack services).

  --release  take the pin away: the next deploy follows the catalog again
  --help     print this`;

async function rollback(argv: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: { release: { type: "boolean" }, help: { type: "boolean", short: "h" } },
  });
  if (values.help) return console.log(usage);
  if (positionals.length !== 1) throw new Error("expected the name of one service, as in: npm run rollback -- memory");
  const { services } = await import("../stacks/services.ts"); // a mistake in the catalog is told like every other one
  const [service] = pickServices(services, positionals);
  const name = service!.name;
  const stack = environmentVariable("DOCKER_HOST")?.startsWith("ssh://") ? "services" : "local";
  const pins = readPins();
  const { [name]: pinned, ...others } = pins[stack] ?? {};
  if (values.release) {
    if (pinned === undefined) throw new Error(`${name} is not pinned in stack ${stack}`);
    writePins({ ...pins, [stack]: others });
    return console.log(`${name} is no longer pinned. Deploy: npm run deploy -- ${stack}`);
  }
  const { sshKeyFile } = readSettings([]);
  const previous = previousRelease(await releasesOf(name, sshKeyFile), name);
  writePins({ ...pins, [stack]: { ...others, [name]: previous.digest } });
  console.log(
    `${name} is pinned to ${previous.digest}, released ${previous.released}. Deploy: npm run deploy -- ${stack}.\n` +
      "Commit stacks/pins.json: a deploy from where it is not, such as CI, follows the catalog again.",
  );
}

await rollback(process.argv.slice(2)).catch((error: Error) => {
  console.error(`npm run rollback: ${error.message}`);
  process.exitCode = 1;
});
