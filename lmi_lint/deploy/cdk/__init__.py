"""AWS CDK: what its output and its source say about functions. Nothing of it is run."""
