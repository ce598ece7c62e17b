/** Run by Terraform for a new container: limits its processes and threads. */
import { parseArgs } from "node:util";
import { docker } from "./docker.ts";
import { isRefusal, tryAgain } from "./try-again.ts";

const option = { type: "string", default: "" } as const;
const { container, processes } = parseArgs({ options: { container: option, processes: option } }).values;

await tryAgain(() => docker(["update", "--pids-limit", processes, container])).catch((error: Error) => {
  if (isRefusal(error)) return console.error(`This Docker cannot limit the number of processes: ${error.message}`);
  console.error(
    `The number of processes is not limited, because Docker could not be reached: ${error.message}. Deploy again.`,
  );
  process.exitCode = 1;
});
