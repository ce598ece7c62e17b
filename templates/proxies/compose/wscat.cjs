#!/usr/bin/env node
process.argv.push("--header", `Authorization: Bearer ${process.env.MCP_BEARER_TOKEN}`);
require("wscat/bin/wscat");
