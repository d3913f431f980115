"""What functions cost on plain Lambda and on managed instances: pure functions of workloads, assumptions and prices.

The whole of its interface::

    prices = load.load_prices(rules_root())                         # or with tables of the user's
    assumptions = load.load_assumptions(rules_root()).override(["ec2_3yr=0.55"])
    asked = workloads.pools(deployment, deployment.functions, traffic_file.of, region)
    found = estimate.estimate(asked, assumptions, prices)           # -> model.Estimate, all frozen

``safe_of`` of ``workloads.pools`` says how many invocations an environment of a function may hold today without races;
what that costs is then ``PoolEstimate.race``.
"""
