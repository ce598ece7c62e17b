/** What a catalog is written with: `import { defineServices, npm } from "gangway-mcp/catalog"`. */
export { defineServices } from "./define.ts";
export type { Service, ServiceEntry } from "./entry.ts";
export { app } from "./kinds/app.ts";
export { command } from "./kinds/command.ts";
export { group } from "./kinds/group.ts";
export { http } from "./kinds/http.ts";
export { image } from "./kinds/image.ts";
export { npm } from "./kinds/npm.ts";
export { pypi } from "./kinds/pypi.ts";
export { sse } from "./kinds/sse.ts";
