"""Configuration that moves a function to managed instances: a second function beside the first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lmi_lint.deploy.model import Dialect
from lmi_lint.fitness.snippets.model import Snippet

if TYPE_CHECKING:
    from lmi_lint.deploy.model import Deployment
    from lmi_lint.fitness.model import Assessment

__all__ = ["Snippet", "snippet_for"]


def snippet_for(assessment: Assessment, deployment: Deployment) -> Snippet:
    """The configuration of a second function, in the dialect that the first is deployed in, with a capacity provider
    if none is declared beside it, alarms, how traffic moves, and the way back.

    UsageError if the function is on managed instances already, is declared nowhere, or nothing is recommended for it.
    """
    from lmi_lint.fitness.snippets.cdk import cdk
    from lmi_lint.fitness.snippets.cloudformation import cloudformation
    from lmi_lint.fitness.snippets.plan import plan_for
    from lmi_lint.fitness.snippets.serverless import serverless
    from lmi_lint.fitness.snippets.terraform import terraform

    plan = plan_for(assessment, deployment)
    writers = {
        Dialect.SAM: cloudformation,
        Dialect.CLOUDFORMATION: cloudformation,
        Dialect.SERVERLESS: serverless,
        Dialect.TERRAFORM: terraform,
    }
    return writers.get(plan.first.dialect or Dialect.CDK, cdk)(plan)
