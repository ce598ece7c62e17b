import type { Program } from "../program.ts";

export const mcporter: Program = {
  name: "mcporter",
  client: "mcporter",
  from: { npm: "mcporter", bin: "mcporter" },
  list: ({ service }) => ["list", service],
  listed: /make_stamp/,
  call: ({ service, tool, args }) => ["call", `${service}.${tool}`, "--args", JSON.stringify(args)],
};
