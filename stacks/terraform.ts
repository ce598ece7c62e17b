/** The program that plans and applies the stacks. */

/** Terraform, or what TERRAFORM_BINARY_NAME names: OpenTofu is "tofu". cdktf reads the same variable. */
export const terraform: string = process.env["TERRAFORM_BINARY_NAME"] || "terraform";
