"""CloudFormation and SAM templates, synthesised CDK templates among them → functions and capacity providers."""
