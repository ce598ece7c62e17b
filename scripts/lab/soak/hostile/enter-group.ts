/**
 * Loaded into the gateway with `--import`: moves it into the control group that limits it, before it allocates anything, and
 * ends it when the soak ends, in whatever way.
 */
import { writeFileSync } from "node:fs";

const file = process.env["SOAK_GROUP"];
if (file !== undefined) writeFileSync(file, String(process.pid));
process.on("disconnect", () => process.exit(1));
process.channel?.unref();
