import type { Program } from "../program.ts";

export const openclaw: Program = {
  name: "openclaw",
  client: "openclaw",
  from: { npm: "openclaw", bin: "openclaw" },
  list: () => ["mcp", "probe"],
  call: { notHere: "not tried" },
};
