/** Run by Terraform for every new droplet: waits until containers can run on it. */
import { mkdirSync } from "node:fs";
import { access } from "node:fs/promises";
import { parseArgs } from "node:util";
import { place, project } from "../project.ts";
import { readSettings } from "../settings.ts";
import { waitForFirstBoot } from "./first-boot.ts";
import { hostOver } from "./host.ts";
import { sshOptions } from "./ssh.ts";

const option = { type: "string", default: "" } as const;
const { values } = parseArgs({ options: { host: option, port: { ...option, default: "22" } } });

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function main(): Promise<void> {
  mkdirSync(place.gangway, { recursive: true });
  const port = Number(values.port);
  const options = sshOptions({ folder: ".gangway", port, keyFile: await keyFile() });
  const host = hostOver(options, `root@${values.host}`, project, 60_000);
  await waitForFirstBoot({ host, address: values.host, port, say: (line) => console.log(line) });
}

async function keyFile(): Promise<string | undefined> {
  const file = readSettings([]).sshKeyFile;
  if (file === undefined) return undefined;
  await access(file).catch(() => {
    throw new Error(
      `SSH_PRIVATE_KEY_FILE is "${file}", which is not a readable file: set it to the private key of SSH_PUBLIC_KEY, ` +
        "or unset it to use the SSH agent",
    );
  });
  return file;
}
