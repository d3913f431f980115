"""HCL, the language of Terraform: text → blocks, attributes and expressions."""
