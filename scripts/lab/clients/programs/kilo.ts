import { type Program, PROMPT } from "../program.ts";
import { withModel } from "./opencode.ts";

export const kilo: Program = {
  name: "kilo",
  client: "kilo",
  from: { npm: "kilo", bin: "kilo" },
  files: (desk) => ({ ".config/kilo/kilo.jsonc": withModel(desk) }),
  env: () => ({ KILO_DISABLE_AUTOUPDATE: "1", KILO_DISABLE_MODELS_FETCH: "1" }),
  list: () => ["mcp", "list"],
  listed: /connected/,
  call: () => ["run", "--auto", "--model", "lab/lab", PROMPT],
};
