/** The app that `cdktf synth`, `cdktf deploy` and `cdktf destroy` run. It needs no network. */
import { App, LocalBackend } from "cdktf";
import { thisMachine } from "./constructs/engine.ts";
import { bundleGateway } from "./images/bundle.ts";
import { readPins } from "./images/pins.ts";
import { localEntrance, localHost, localServices } from "./local.ts";
import { services as catalog } from "./services.ts";
import { ServicesStack } from "./services-stack.ts";
import { readSettings } from "./settings.ts";

const all = Object.values(catalog);
const settings = readSettings(all);
const gateway = await bundleGateway();
const app = new App();
const { services, left } = localServices(all, settings);
for (const { name, missing } of left) console.error(`local is without ${name}: it needs ${missing.join(" and ")}`);
const local = new ServicesStack(app, "local", {
  services,
  settings,
  gateway,
  engine: thisMachine,
  entrance: localEntrance(services, settings),
  hostOf: localHost,
  pins: readPins(),
});
new LocalBackend(local, { path: "../../../.gangway/state/local.tfstate" });
app.synth();
