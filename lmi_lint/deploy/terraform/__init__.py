"""Terraform: from HCL and its JSON form to functions, without running Terraform or a provider."""
