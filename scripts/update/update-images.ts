/** `npx gangway update --images`: records which image each tag is now, after its reader has seen which ones have moved. */
import { readCatalog } from "../../stacks/catalog/read.ts";
import { IMAGES_FILE } from "../../stacks/images/digests.ts";
import { shown } from "../../stacks/project.ts";
import { agree } from "../kit/ask.ts";
import { print, tell } from "../kit/print.ts";
import { progress } from "../kit/progress.ts";
import { writeFiles } from "../kit/write-files.ts";
import { digestChanges, digestOf, imagesOf, type Moved, movedLines, recordedDigests } from "./images.ts";

const during = progress(false);

/** @returns the exit code: 1 where an image cannot be had, or where the reader declines */
export async function updateImages(yes: boolean): Promise<number> {
  const recorded = recordedDigests();
  const images = imagesOf(Object.values(await readCatalog()));
  const found: Moved[] = [];
  const failed: string[] = [];
  for (const image of images) {
    await during(`pulling ${image}`, () => digestOf(image)).then(
      (after) => found.push({ image, before: recorded[image], after }),
      (error: Error) => failed.push(image) && tell(`  ${error.message}. Its digest stays as it is`),
    );
  }
  const moved = found.filter(({ before, after }) => before !== after);
  if (moved.length === 0) print("no image has moved");
  else {
    print(movedLines(moved).join("\n"));
    if (!(await agree(`record these digests in ${shown(IMAGES_FILE)}?`, { yes, not: "nothing is written" }))) return 1;
    const kept = Object.entries(recorded).filter(([image]) => images.includes(image));
    record({ ...Object.fromEntries(kept), ...Object.fromEntries(found.map(({ image, after }) => [image, after])) });
  }
  return failed.length > 0 ? 1 : 0;
}

function record(digests: Readonly<Record<string, string>>): void {
  const changes = digestChanges(digests);
  writeFiles(changes);
  for (const { path } of changes) tell(`  ${shown(path)} is written. Commit it`);
}
