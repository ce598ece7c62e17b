import { expect, test } from "vitest";
import { ToolPatterns } from "../gateways/tool-patterns.ts";
import { services } from "./services.ts";

test("firecrawl ships without the tool that reads any local file, and with all others", () => {
  const offered = new ToolPatterns(services.firecrawl.tools ?? []);
  expect(["firecrawl_parse", "firecrawl_scrape", "firecrawl_search"].filter((tool) => offered.offers(tool))).toEqual([
    "firecrawl_scrape",
    "firecrawl_search",
  ]);
});
