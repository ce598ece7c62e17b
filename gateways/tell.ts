/** What people read on the terminal in which a gateway was started. Servers have their say in it. */
import { liveLine } from "./live-line.ts";
import { told } from "./secrets.ts";

/** Writes a text of one or more lines. */
export function tell(stream: "stdout" | "stderr", text: string): void {
  liveLine.clear();
  process[stream].write(`${told(text, { lines: true, limit: 65_536 })}\n`);
}
