/** The folder in which we were started. */

/** Its path. A program that is started in a folder that has been removed ends here: nothing can be found from nowhere. */
export function currentFolder(): string {
  try {
    return process.cwd();
  } catch {
    process.stderr.write("gangway: the current folder has been removed: change to another one\n");
    process.exit(1);
  }
}
