/** Checks from inside a container whether its gateway is ready, because no port is published. */

/** A command that exits with 0 when the gateway on this port is ready. It uses Node, the only HTTP client in the image. */
export function askReady(port: number): readonly string[] {
  const look = `fetch("http://127.0.0.1:${port}/ready").then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))`;
  return ["node", "-e", look];
}
