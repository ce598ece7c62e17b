/**
 * A program that `npm start` runs when the catalog or the settings have changed: Node loads a module once in a process. Says over
 * its channel what the gateway is to run with now.
 */
import { npmRunner } from "../kit/npm.ts";
import { progress } from "../kit/progress.ts";
import { withLogins } from "./logins.ts";
import { gatewayConfig, gatewayEnvironment } from "./gateway-config.ts";
import { readServices } from "./read-services.ts";
import { prepareMachine } from "./servers.ts";

/** What it says. */
export type Said =
  | {
      readonly config: object;
      readonly env: Readonly<Record<string, string | undefined>>;
      /** The services that have logins of the authorization server here. */
      readonly logins: readonly string[];
      readonly notices: readonly string[];
    }
  | { readonly problem: string };

const say = (said: Said) => process.send?.(said, () => process.disconnect());

try {
  const { services, settings, checkTokens, without, toolsLock } = await readServices(process.argv.slice(2));
  const notices = [...checkTokens(services, settings), ...without];
  const npm = () => npmRunner(settings.npmProgram, new AbortController().signal);
  const machine = await prepareMachine(services, settings, {
    npm,
    during: progress(true),
    notice: (line) => notices.push(line),
  });
  say({
    config: gatewayConfig(services, settings, machine, toolsLock),
    env: gatewayEnvironment(services, settings),
    logins: withLogins(services, settings).map(({ name }) => name),
    notices,
  });
} catch (error) {
  say({ problem: (error as Error).message });
}
