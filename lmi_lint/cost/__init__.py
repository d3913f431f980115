"""What functions cost on plain Lambda and on managed instances: pure functions of workloads, assumptions and prices.

The entry is ``estimate.estimate``; ``workloads.pools`` makes its argument from a deployment and a traffic file, and
``load.load_prices`` and ``load.load_assumptions`` read what ships with the tool.
"""
