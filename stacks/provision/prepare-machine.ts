/** Run by Terraform: does the steps of the first boot on the machine of SERVER, as far as they are still to be done. */
import { parseArgs } from "node:util";
import { readMachine } from "../machine/address.ts";
import { makeSo } from "../machine/apply.ts";
import { connect, type Machine } from "../machine/connect.ts";
import { machineSteps } from "../machine/first-boot.ts";
import { readSettings } from "../settings.ts";

const option = { type: "string", default: "" } as const;
const { values } = parseArgs({ options: { server: option, exposure: option } });

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

async function main(): Promise<void> {
  const settings = readSettings([]);
  const [keyFile, hostKey] = [settings.sshKeyFile, settings.value("SERVER_HOST_KEY")];
  const address = readMachine(values.server);
  if (address === undefined) throw new Error(`the machine is "${values.server}", expected [user@]host[:port]`);
  const machine = await connect({ machine: address, direct: values.exposure === "direct", keyFile, hostKey });
  await makeSo(machine, machineSteps(machine.user), say);
  await needsDocker(machine);
}

/** As the provider will ask it: without root's rights, where it is not root who logs in. */
async function needsDocker(machine: Machine): Promise<void> {
  const { code, stdout, stderr } = await machine.anew("docker version --format '{{.Server.Version}}'");
  if (code !== 0) throw new Error(`${machine.name}: Docker does not answer whoever logs in: ${stderr || stdout}`);
  say(`Docker ${stdout} answers`);
}

function say(line: string): void {
  console.log(line);
}
