"""Every entry of knowledge has a source and names something that exists."""

from __future__ import annotations

import os
import struct
import sys
import zipfile
from functools import cache
from pathlib import Path

import pytest

from tools.knowledge import classfile, python_names
from tools.knowledge.__main__ import check
from tools.knowledge.claims import FAMILIES, Claim, Family, unmet, unsourced
from tools.knowledge.claims import claims as read_claims
from tools.knowledge.dotnet_names import DotnetNames
from tools.knowledge.java_names import JavaNames
from tools.knowledge.record import packages, said_otherwise, verified

HOW = """
    python -m tools.knowledge install FOLDER      # once
    python -m tools.knowledge check FOLDER --new --write
looks them up and keeps the result; for what cannot be looked up, tools/knowledge/packages.toml says why."""


@cache
def claims(family: Family) -> list[Claim]:
    return read_claims(family)


@pytest.mark.parametrize("family", FAMILIES)
def test_every_entry_cites_a_page(family: Family) -> None:
    assert unsourced(family) == [], "give the page as source, or in [sources]"


@pytest.mark.parametrize("family", FAMILIES)
def test_every_name_was_looked_up(family: Family) -> None:
    groups = (*packages().made_up, *packages().unchecked)
    left = [
        f"{claim.place}: {claim.word}"
        for claim in unmet(claims(family), verified(family).__contains__)
        if said_otherwise(claim, groups) is None
    ]
    assert left == [], f"names that nobody has looked up:{HOW}"


@pytest.mark.packages
@pytest.mark.parametrize("family", FAMILIES)
def test_every_name_exists(family: Family) -> None:
    folder = os.environ.get("LMI_KNOWLEDGE_PACKAGES")
    if not folder:
        pytest.skip(f"LMI_KNOWLEDGE_PACKAGES names no folder of installed packages{HOW}")
    assert check(family, Path(folder).resolve(), new=False, keep=False) == []


@pytest.mark.parametrize("family", FAMILIES)
def test_reasons_are_for_names_that_are_mentioned(family: Family) -> None:
    left = unmet(claims(family), verified(family).__contains__)
    groups = [each for each in (*packages().made_up, *packages().unchecked) if each.family == family]
    assert [group.names for group in groups if not any(said_otherwise(claim, [group]) for claim in left)] == []


def test_a_misspelt_alternative_is_found() -> None:
    known = {"a.B.read", "a.C.write", "a.B", "a.C"}
    made = [
        Claim("java", "x.toml: [[call]] a.{B,C}.{read,wirte}", "read", ("a.B.read", "a.C.read")),
        Claim("java", "x.toml: [[call]] a.{B,C}.{read,wirte}", "wirte", ("a.B.wirte", "a.C.wirte")),
    ]
    assert [claim.word for claim in unmet(made, known.__contains__)] == ["wirte"]


def test_every_alternative_makes_a_claim() -> None:
    made = {(claim.word, claim.names) for claim in claims("python") if "subprocess.{run" in claim.place}
    assert ("subprocess.run", ("subprocess.run",)) in made


def test_python_names() -> None:
    names = [
        "json.dumps",
        "json.dumpz",
        "pathlib.Path.write_*",
        "pathlib.Path.rite_*",
        "tempfile.mkdtemp()",
        "str.join",
    ]
    names += ["collections.OrderedDict.popitem", "os.environ.[]="]
    found = python_names.existing(names, Path(sys.executable))
    assert set(names) - found == {"json.dumpz", "pathlib.Path.rite_*"}


def _class(name: str, parent: str, *methods: tuple[str, str]) -> bytes:
    """A class file that declares these methods."""
    texts = [name, parent, *(word for method in methods for word in method)]
    pool = b"".join(b"\x01" + struct.pack(">H", len(text)) + text.encode() for text in texts)
    pool += b"\x05" + bytes(8) + b"\x07\x00\x01\x07\x00\x02"  # a long takes two places; then the two classes
    count = len(texts)
    body = struct.pack(">HHHHH", 1, count + 3, count + 4, 0, 0) + struct.pack(">H", len(methods))
    for index in range(len(methods)):
        attribute = struct.pack(">HHI", 1, 1, 3)[2:] + b"abc"
        body += struct.pack(">HHHH", 1, 3 + 2 * index, 4 + 2 * index, 1) + attribute
    return struct.pack(">IIH", 0xCAFEBABE, 65, count + 5) + pool + body + b"\x00\x00"


def test_class_files() -> None:
    read = classfile.read(_class("a/B", "a/Base", ("open", "()La/B;"), ("close", "()V")))
    assert read == classfile.ClassFile("a/B", ("a/Base",), {"open": ("()La/B;",), "close": ("()V",)})
    with pytest.raises(ValueError, match="no class file"):
        classfile.read(b"\xca\xfe\xba\xbe\x00")


def test_java_names(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.jar", "w") as jar:
        jar.writestr("a/Base.class", _class("a/Base", "java/lang/Nothing", ("stop", "()V")))
        jar.writestr("a/B.class", _class("a/B", "a/Base", ("open", "()La/B$Inner;")))
        jar.writestr("a/B$Inner.class", _class("a/B$Inner", "java/lang/Nothing", ("get", "()V")))
    java = JavaNames(tmp_path)
    there = ["a.B", "a.B.Inner", "a.B.Inner.get", "a.B.stop", "a.B.open.get", "a.*.op*", "int"]
    assert [name for name in there if not java.exists(name)] == []
    missing = ["a.C", "a.B.shut", "a.Base.open", "a.B.open.put", "a.*.ob*"]
    assert [name for name in missing if java.exists(name)] == []


def test_dotnet_names(tmp_path: Path) -> None:
    (tmp_path / "a.cs").write_text(
        """
namespace A.B;
#if NET8_0
public class Base { public void Stop() {} private void Hidden() {} }
#endif
public sealed class Pool<T> : Base {
    public Settings Options { get; }
    public event System.EventHandler? Emptied;
    public class Inner { public int this[int at] => at; }
}
public class Settings { public int Size; }
public static class PoolExtensions { public static void Drain(this Pool<int> pool) {} }
public class MarkAttribute {}
""",
        "utf-8",
    )
    dotnet = DotnetNames(tmp_path / "none", tmp_path)
    there = ["A.B.Pool.Stop", "A.B.Pool.Options.Size=", "A.B.Pool.Emptied", "A.B.Pool.Inner.get_Item", "A.B.Pool.Drain"]
    there += ["A.B.Mark", "A.*.Po*.St*", "int"]
    assert [name for name in there if not dotnet.exists(name)] == []
    missing = ["A.Pool", "A.B.Pool.Hidden", "A.B.Pool.Size", "A.B.Settings.Stop", "A.B.Pool.Options.Length"]
    assert [name for name in missing if dotnet.exists(name)] == []
