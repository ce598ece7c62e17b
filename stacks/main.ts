/** The app that `cdktf synth`, `cdktf deploy` and `cdktf destroy` run, without a network. */
import { App } from "cdktf";
import { addCloudStacks, addLocalStack } from "./app.ts";
import { engineHere } from "./engine-here.ts";
import { bundleAuthServer, bundleGateway } from "./images/bundle.ts";
import { hasAuthServer } from "./logins.ts";
import { readPins } from "./images/pins.ts";
import { readCatalog } from "./catalog/read.ts";
import { readSettings } from "./settings.ts";
import { readToolsLock, unreviewedServers } from "./tools-lock.ts";
import { withoutTraces } from "./without-traces.ts";

try {
  const all = Object.values(await readCatalog());
  const settings = readSettings(all);
  const toolsLock = readToolsLock();
  const engine = engineHere(); // it is asked while the bundles are made
  const authServer = hasAuthServer(all, settings) ? await bundleAuthServer() : undefined;
  const parts = {
    services: all,
    settings,
    gateway: await bundleGateway(),
    authServer,
    pins: readPins(),
    toolsLock,
    engine: await engine,
  };
  // For each terraform_data, cdktf's validation would start Terraform to ask for its version. The catalog has its own checks.
  const app = new App({ skipValidation: true });
  const said = await withoutTraces(async () => {
    const lines = [...settings.notices, ...(await addCloudStacks(app, parts)), ...addLocalStack(app, parts)];
    app.synth();
    return lines;
  });
  for (const line of [...said, ...unreviewedServers(all, toolsLock)]) console.log(line);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
