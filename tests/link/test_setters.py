"""Assignments to members of library objects that act like calls."""

from __future__ import annotations

import pytest

from lmi_lint.link.heap import Kind, Phase


def assigned(program):
    """Name and role of each assignment of the request that was taken for a call."""
    return [
        (call.name, call.role)
        for call in program.calls
        if call.phase is Phase.REQUEST and call.entry is not None and call.entry.name.endswith("=")
    ]


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("AWS.config.region = event.region", ["aws-sdk.config.region"]),
        ("AWS.config = event", []),
        ("axios.defaults.timeout = 5", ["axios.defaults.timeout"]),
        ("axios.defaults.headers.common['X-User'] = event.user", ["axios.defaults.headers.common.X-User"]),
        ("axios.defaults.headers.common[event.name] = 1", ["axios.defaults.headers.common.[]"]),
        ("delete axios.defaults.headers.common.Authorization", ["axios.defaults.headers.common.Authorization"]),
        ("axios.defaults.baseURL ??= event.url", []),
        (
            "api.defaults.headers.common.Authorization = event.token",
            ["axios.Axios.defaults.headers.common.Authorization"],
        ),
        ("const { defaults } = api; defaults.timeout = 1", ["axios.Axios.defaults.timeout"]),
        ("s3.upload = event.f", []),
    ],
)
def test_node(link, statement, expected):
    program = link(
        "const AWS = require('aws-sdk');\nconst axios = require('axios');\nconst api = axios.create();\n"
        f"const s3 = new AWS.S3();\nexports.handler = async (event) => {{ {statement}; return api.get('/'); }};\n"
    )
    assert assigned(program) == [(name, "client.reconfigure") for name in expected]
    settings = [access.key for access in program.accesses if access.mode.changes and access.obj.kind is not Kind.EVENT]
    assert bool(settings) is not bool(expected)


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("Http.Timeout = wait;", [("System.Net.Http.HttpClient.Timeout", "client.reconfigure")]),
        (
            "Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(input);",
            [("System.Net.Http.HttpClient.DefaultRequestHeaders.Authorization", "client.reconfigure")],
        ),
        ("Environment.CurrentDirectory = input;", [("System.Environment.CurrentDirectory", "process.setting")]),
        (
            "Mine.Timeout = wait; Mine.BaseAddress = null;",
            [("System.Net.Http.HttpClient.BaseAddress", "client.reconfigure")],
        ),
    ],
)
def test_csharp(link, statement, expected):
    program = link(
        "using System;\nusing System.Net.Http;\nusing System.Net.Http.Headers;\nusing Amazon.Lambda.Core;\n"
        "public class Own : HttpClient { public TimeSpan Timeout; }\n"
        "public class Function {\n  private static readonly HttpClient Http = new HttpClient();\n"
        "  private static readonly Own Mine = new Own();\n"
        "  public string FunctionHandler(string input, ILambdaContext context) {\n"
        f"    var wait = TimeSpan.FromSeconds(2); {statement} return input;\n  }}\n}}\n",
        "Function.cs",
    )
    assert assigned(program) == expected
