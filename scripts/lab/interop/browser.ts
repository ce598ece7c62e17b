/** A real browser: Chromium without a window, in which every host name leads to this machine. */
import { execFile, spawn } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { chromium, chromiumFlags } from "../../../gateways/fixtures/chromium.ts";
import { scratchFolder } from "../../kit/folder.ts";

/** Pages that can report what they have seen. */
export interface Pages {
  readonly port: number;
  /**
   * Opens a page at a host name, waits until it has reported, and closes the browser.
   * @param script the body of an async function, which returns what the page reports
   * @throws when the browser ends before that
   */
  visit(host: string, script: string): Promise<unknown>;
  close(): void;
}

/** Serves a page at every host name, on a port of its own. */
export async function servePages(): Promise<Pages> {
  let page = "";
  const reports = new EventEmitter<{ report: [string] }>();
  const server = createServer((req, res) => {
    if (req.method !== "POST") return void res.setHeader("content-type", "text/html").end(page);
    res.end();
    void text(req).then((report) => reports.emit("report", report));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    port,
    visit: async (host, script) => {
      page = pageWith(script);
      return JSON.parse(await reportOf(`http://${host}:${port}/`, reports)) as unknown;
    },
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** What the browser shows at a URL, as HTML. */
export async function shown(url: string): Promise<string> {
  const profile = scratchFolder("browser");
  try {
    return await new Promise((resolve, reject) => {
      execFile(chromium!, [...flags(profile.path), "--dump-dom", url], (error, stdout) =>
        error ? reject(error) : resolve(stdout),
      );
    });
  } finally {
    profile.remove();
  }
}

async function reportOf(url: string, reports: EventEmitter<{ report: [string] }>): Promise<string> {
  const profile = scratchFolder("browser");
  const browser = spawn(chromium!, [...flags(profile.path), "--remote-debugging-port=0", url], { stdio: "ignore" });
  const ended = once(browser, "close");
  const failed = ended.then(() => Promise.reject(new Error(`the browser ended at ${url}`)));
  try {
    const [report] = await Promise.race([once(reports, "report") as Promise<[string]>, failed]);
    return report;
  } finally {
    failed.catch(() => {});
    browser.kill();
    await ended;
    profile.remove();
  }
}

const flags = (profile: string) => ["--headless", `--user-data-dir=${profile}`, ...chromiumFlags];

const pageWith = (script: string) => `<!doctype html><title>page</title><script>
(async () => { ${script} })().then(
  (seen) => fetch("/", { method: "POST", body: JSON.stringify(seen ?? null) }),
  (error) => fetch("/", { method: "POST", body: JSON.stringify({ error: String(error) }) }),
);
</script>`;
