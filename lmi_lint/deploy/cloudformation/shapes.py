"""Which properties the settings for managed instances have in CloudFormation and in SAM.

Names and required keys: CloudFormation resource schemas of AWS::Lambda::Function and AWS::Lambda::CapacityProvider
(2026-10) and the SAM reference of AWS::Serverless::Function and AWS::Serverless::CapacityProvider, which SAM's
translator holds to.
"""

from __future__ import annotations

from lmi_lint.deploy.shapes import Shape

_LIMITS = ("PerExecutionEnvironmentMaxConcurrency", "ExecutionEnvironmentMemoryGiBPerVCpu")
_WRAPPER = "LambdaManagedInstancesCapacityProviderConfig"

CFN_ATTACHED = Shape(
    inner=((_WRAPPER, Shape(
        plain=("CapacityProviderArn", *_LIMITS), required=("CapacityProviderArn",),
        renamed=(("Arn", "CapacityProviderArn"),),
    )),),
    required=(_WRAPPER,),
    foreign=tuple((name, _WRAPPER) for name in ("Arn", "CapacityProviderArn", *_LIMITS)),
)  # fmt: skip
"""``CapacityProviderConfig`` of AWS::Lambda::Function."""

SAM_ATTACHED = Shape(
    plain=("Arn", *_LIMITS),
    required=("Arn",),
    renamed=(("CapacityProviderArn", "Arn"),),
    foreign=((_WRAPPER, "Arn"),),
)
"""``CapacityProviderConfig`` of AWS::Serverless::Function."""

SCALING = Shape(plain=("MinExecutionEnvironments", "MaxExecutionEnvironments"))
"""``FunctionScalingConfig``."""

_NETWORK = Shape(plain=("SubnetIds", "SecurityGroupIds"), required=("SubnetIds",))

CFN_PROVIDER = Shape(
    plain=("CapacityProviderName", "KmsKeyArn", "Tags", "PropagateTags", "TelemetryConfig"),
    inner=(
        ("VpcConfig", _NETWORK),
        ("PermissionsConfig", Shape(
            plain=("CapacityProviderOperatorRoleArn",), required=("CapacityProviderOperatorRoleArn",),
            renamed=(("OperatorRole", "CapacityProviderOperatorRoleArn"),),
        )),
        ("InstanceRequirements", Shape(
            plain=("Architectures", "AllowedInstanceTypes", "ExcludedInstanceTypes"),
            renamed=(("AllowedTypes", "AllowedInstanceTypes"), ("ExcludedTypes", "ExcludedInstanceTypes")),
        )),
        ("CapacityProviderScalingConfig", Shape(
            plain=("MaxVCpuCount", "ScalingMode", "ScalingPolicies"),
            renamed=(("TargetResourceUtilization", "ScalingPolicies"), ("AverageCPUUtilization", "ScalingPolicies")),
        )),
    ),
    required=("VpcConfig", "PermissionsConfig"),
    renamed=(("OperatorRole", "PermissionsConfig"), ("ScalingConfig", "CapacityProviderScalingConfig"),
             ("TargetResourceUtilization", "CapacityProviderScalingConfig"), ("InstanceTypes", "InstanceRequirements")),
)  # fmt: skip
"""The properties of AWS::Lambda::CapacityProvider."""

SAM_PROVIDER = Shape(
    plain=("CapacityProviderName", "OperatorRole", "KmsKeyArn", "Tags", "PropagateTags", "LoggingConfig",
           "ManagedResourceTags"),
    inner=(
        ("VpcConfig", _NETWORK),
        ("InstanceRequirements", Shape(
            plain=("Architectures", "AllowedTypes", "ExcludedTypes"),
            renamed=(("AllowedInstanceTypes", "AllowedTypes"), ("ExcludedInstanceTypes", "ExcludedTypes")),
        )),
        ("ScalingConfig", Shape(
            plain=("MaxVCpuCount", "AverageCPUUtilization"),
            renamed=(("TargetResourceUtilization", "AverageCPUUtilization"),
                     ("ScalingPolicies", "AverageCPUUtilization"), ("ScalingMode", "AverageCPUUtilization")),
        )),
    ),
    required=("VpcConfig",),
    renamed=(("PermissionsConfig", "OperatorRole"), ("CapacityProviderScalingConfig", "ScalingConfig"),
             ("TargetResourceUtilization", "ScalingConfig"), ("InstanceTypes", "InstanceRequirements")),
)  # fmt: skip
"""The properties of AWS::Serverless::CapacityProvider."""
