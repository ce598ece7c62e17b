/** Whether a gateway can serve, asked from inside of its container: nothing of it is published. */

/** A command that ends with 0 when the gateway at this port says that it is ready; its image has nothing but Node to ask with. */
export function askReady(port: number): readonly string[] {
  const look = `fetch("http://127.0.0.1:${port}/ready").then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))`;
  return ["node", "-e", look];
}
