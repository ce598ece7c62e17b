/** What happens to a resource. */
export type ChangeKind = "create" | "update" | "replace" | "destroy" | "none";

/** Terraform lists a replacement as its two halves. A read is not a change. */
export function kindOf(actions: readonly string[]): ChangeKind {
  if (actions.includes("create") && actions.includes("delete")) return "replace";
  if (actions.includes("create")) return "create";
  if (actions.includes("delete")) return "destroy";
  return actions.includes("update") ? "update" : "none";
}
