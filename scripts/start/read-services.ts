/** What `npm start` has of the project: its services, and the settings for them. */
/** Imported at run time, so that a mistake in the catalog is reported like any other. */
export async function readServices(names: readonly string[]) {
  const { pickServices } = await import("../../stacks/catalog/pick.ts");
  const { readCatalog } = await import("../../stacks/catalog/read.ts");
  const { readSettings, SettingsError } = await import("../../stacks/settings.ts");
  const { problemsAtStart, unusedAtStart } = await import("../../stacks/catalog/start-variables.ts");
  const { askedFor, pickedServices, withMembers, withoutMember } = await import("../../stacks/deployable.ts");
  const { checkTokensHere: checkTokens } = await import("../../stacks/tokens.ts");
  const { readToolsLock, unreviewedServers } = await import("../../stacks/tools-lock.ts");
  const all = await readCatalog();
  const toolsLock = readToolsLock();
  const named = withMembers(pickServices(all, names), Object.values(all));
  const settings = readSettings(named, { catalog: Object.values(all) });
  const problems = problemsAtStart(settings);
  if (problems.length > 0) throw new SettingsError(problems.join("\n"));
  // Who names services on the command line wants just these, with the members of groups, whatever SERVICES says.
  const common = { settings, checkTokens, unusedAtStart, toolsLock, unreviewed: unreviewedServers(named, toolsLock) };
  if (names.length > 0) return { ...common, services: named, without: [] };
  const { services, left, absent } = askedFor(pickedServices(named, settings), settings);
  const without = [
    ...left.map(({ name, missing }) => `${name} is left out: it needs ${missing.join(" and ")}`),
    ...absent.map(withoutMember),
  ];
  return { ...common, services, without };
}
