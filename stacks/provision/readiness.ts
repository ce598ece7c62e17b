/** Checks from inside a container whether its gateway is ready, because no port is published. */

/** A command that exits with 0 when the gateway on this port is ready. It uses Node, the only HTTP client in the image. */
export const askReady = (port: number): readonly string[] => ask(port, "ready");

/** The same for a gateway of several services, which lives while some of them are not ready. */
export const askAlive = (port: number): readonly string[] => ask(port, "health");

function ask(port: number, what: string): readonly string[] {
  const look = `fetch("http://127.0.0.1:${port}/${what}").then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))`;
  return ["node", "-e", look];
}
