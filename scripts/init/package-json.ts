/** The package.json of a new project. */
import { VERSION } from "../../gateways/version.ts";
import { cloudOverrides, cloudPackages } from "../../stacks/cloud-packages.ts";

const verbs = ["start", "verify", "token", "secrets", "plan", "deploy", "rollback"] as const;

/**
 * Overrides do nothing before a deploy's packages are installed, and then are already in place.
 * @param withCloud whether it lists what a deploy needs
 */
export function packageJson(name: string, withCloud: boolean): string {
  const manifest = {
    name,
    private: true,
    type: "module",
    engines: { node: ">=22.18" }, // older ones cannot read services.ts
    scripts: { ...Object.fromEntries(verbs.map((verb) => [verb, `gangway ${verb}`])), test: "gangway secrets --check" },
    devDependencies: { ...(withCloud && cloudPackages), "gangway-mcp": `^${VERSION}` },
    overrides: cloudOverrides,
  };
  return `${JSON.stringify(manifest, undefined, 2)}\n`;
}
