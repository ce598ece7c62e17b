/** The program that plans and applies the stacks. */
import { environmentVariable } from "./settings.ts";

/** Terraform, or what TERRAFORM_BINARY_NAME names: OpenTofu is "tofu". cdktf reads the same variable. */
export const terraform: string = environmentVariable("TERRAFORM_BINARY_NAME") ?? "terraform";
