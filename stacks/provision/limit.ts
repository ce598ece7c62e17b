/** Run by Terraform for a new container: limits its processes and threads. */
import { parseArgs } from "node:util";
import { docker } from "./docker.ts";

const option = { type: "string", default: "" } as const;
const { container, processes } = parseArgs({ options: { container: option, processes: option } }).values;

await docker(["update", "--pids-limit", processes, container]).catch((error: Error) => {
  console.error(
    `Docker did not limit the number of processes to ${processes}, and a deploy tries again: ${error.message}`,
  );
  process.exitCode = 1;
});
