"""Services of the Serverless Framework → functions and capacity providers."""
