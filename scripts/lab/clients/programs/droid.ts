import type { Program } from "../program.ts";

export const droid: Program = {
  name: "droid",
  client: "droid",
  from: { npm: "droid", bin: "droid" },
  list: () => ["mcp", "list"],
  call: { notHere: "it needs an account" },
};
