/** Too many visits of the pages themselves. */
import { expect } from "vitest";
import { test } from "../../fixtures/harness.ts";
import { ELSEWHERE, PageVisit } from "../../fixtures/page-visitor.ts";

const LIMITED = { requestRate: { times: 1, per: 60 }, requestBurst: 3 } as const;

test.for(["/", "/fixture/mcp"])("a page is limited like every request: %s", async (path, { start }) => {
  const { port } = await start({ ...LIMITED, hub: true, service: { isolation: "shared" } });
  const stranger = new PageVisit(port, { ...ELSEWHERE, accept: "text/html" });
  const statuses = [];
  for (let visits = 0; visits < 5; visits++) statuses.push((await stranger.fetch(path)).status);
  expect(statuses).toEqual([200, 200, 200, 429, 429]);
  const here = new PageVisit(port, { accept: "text/html" });
  expect((await here.fetch(path)).status).toBe(200);
});
