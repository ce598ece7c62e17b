/** The app that `cdktf synth`, `cdktf deploy` and `cdktf destroy` run. It needs no network. */
import { App } from "cdktf";
import { addCloudStacks, addLocalStack } from "./app.ts";
import { bundleGateway } from "./images/bundle.ts";
import { readPins } from "./images/pins.ts";
import { readSettings } from "./settings.ts";

try {
  const { services } = await import("./services.ts"); // a mistake in the catalog is told like every other one
  const all = Object.values(services);
  const settings = readSettings(all);
  const parts = { services: all, settings, gateway: await bundleGateway(), pins: readPins() };
  // Its only checks that we need are the catalog's own: for each terraform_data it would start Terraform to ask its version.
  const app = new App({ skipValidation: true });
  const said = [...(await addCloudStacks(app, parts)), ...addLocalStack(app, parts)];
  app.synth();
  for (const line of said) console.log(line);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
