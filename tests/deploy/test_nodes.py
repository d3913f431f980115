"""YAML and JSON as trees with byte spans."""

from __future__ import annotations

import json

import pytest

from lmi_lint.deploy.jsonnodes import parse_json
from lmi_lint.deploy.nodes import MAX_DEPTH, Mapping, Node, Scalar, Sequence, TemplateError
from lmi_lint.deploy.yamlnodes import MAX_ALIASES, parse_yaml


def only(text: str) -> Mapping:
    documents = parse_yaml(text.encode())
    assert len(documents) == 1
    assert isinstance(documents[0], Mapping)
    return documents[0]


def plain(node: Node) -> object:
    """The tree without spans."""
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, Sequence):
        return [plain(item) for item in node.items]
    return {key: plain(value) for key, value in node.items()}


def test_spans_are_bytes_and_tags_are_kept() -> None:
    text = 'é😀: "x"\nb: !Sub "${A}-é"\nc: [1, !Ref D]\n'
    root = only(text)
    data = text.encode()

    def written(node: Node | None) -> str:
        assert node is not None
        return data[node.span.start : node.span.end].decode()

    assert written(root.get("é😀")) == '"x"'
    assert written(root.get("b")) == '!Sub "${A}-é"'
    assert written(root.get("c")) == "[1, !Ref D]"
    assert written(root.pairs["b"].key) == "b"
    sub = root.get("b")
    assert isinstance(sub, Scalar)
    assert (sub.tag, sub.value, sub.plain) == ("!Sub", "${A}-é", False)


def test_merge_keys_and_duplicates() -> None:
    root = only("base: &base {a: 1, b: 1}\nother: &other {b: 2, c: 2}\nx:\n  <<: [*base, *other]\n  a: 3\n  a: 4\n")
    assert plain(root.pairs["x"].value) == {"a": "4", "b": "1", "c": "2"}


def test_several_documents() -> None:
    assert [plain(node) for node in parse_yaml(b"a: 1\n---\nb: 2\n")] == [{"a": "1"}, {"b": "2"}]


def test_anchors_do_not_cross_documents() -> None:
    with pytest.raises(TemplateError):
        parse_yaml(b"a: &x 1\n---\nb: *x\n")


@pytest.mark.parametrize(
    "text",
    [
        "a: [",
        "a: *missing",
        "a: &a [*a]",
        "a: {b: c",
        "\t- x",
        "a: \x01",
        "[" * 100_000,
        "- " * 5_000,
        "a: &x 1\nb: [" + "*x, " * (MAX_ALIASES + 1) + "]",
        "a0: &a0 [1]\n" + "".join(f"a{i}: &a{i} [*a{i - 1}]\n" for i in range(1, MAX_DEPTH + 5)),
        "x: " + "a" * (5 << 20),
    ],
)
def test_bad_yaml_is_a_template_error(text: str) -> None:
    with pytest.raises(TemplateError):
        parse_yaml(text.encode())


@pytest.mark.parametrize(
    "value",
    [
        {"a": [1, -2.5e3, True, False, None, {"b": {}}], "c": [], "é": '😀 \t\n" \\'},
        "text",
        [],
        12,
    ],
)
@pytest.mark.parametrize("ascii_only", [True, False])
def test_json_agrees_with_the_standard_library(value: object, ascii_only: bool) -> None:
    def spelled(item: object) -> object:
        if isinstance(item, dict):
            return {key: spelled(inner) for key, inner in item.items()}
        if isinstance(item, list):
            return [spelled(inner) for inner in item]
        return item if isinstance(item, str) else json.dumps(item)

    text = json.dumps(value, ensure_ascii=ascii_only, indent=2)
    assert plain(parse_json(text.encode())) == spelled(value)


def test_json_spans_are_bytes() -> None:
    text = '{"é": "😀", "b": {"c": 1}}'
    root = parse_json(text.encode())
    assert isinstance(root, Mapping)
    inner = root.pairs["b"].value
    assert text.encode()[inner.span.start : inner.span.end] == b'{"c": 1}'


@pytest.mark.parametrize(
    "text", ["", "{", '{"a"}', '{"a": }', "[1,]", "[1 2]", "{} x", "nul", '"a', "[" * 100_000, "{,}"]
)
def test_bad_json_is_a_template_error(text: str) -> None:
    with pytest.raises(TemplateError):
        parse_json(text.encode())
