"""Which packages a function is deployed with: manifests and lock files, one module for each kind of them."""
