"""Discovery: roots, listings, what is skipped and why, and reading."""

from __future__ import annotations

import os
import posixpath
import random
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from pathspec import GitIgnoreSpec

from lmi_lint.discover import Project, discover, find_root
from lmi_lint.discover.ignoring import Patterns
from lmi_lint.errors import ConfigError, UsageError
from lmi_lint.model.finding import Problem
from lmi_lint.model.names import Language
from lmi_lint.model.source import SourceFile
from lmi_lint.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

HANDLER = "exports.handler = async (event) => event;\n"


def write(root: Path, files: dict[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return root


def git(root: Path, *arguments: str) -> None:
    executable = shutil.which("git")
    assert executable
    subprocess.run([executable, *arguments], cwd=root, check=True, capture_output=True)


def found(root: Path, settings: Settings | None = None) -> Project:
    return discover([root], settings or Settings())


def loaded(project: Project, path: str) -> SourceFile:
    source = project.load(path)
    assert isinstance(source, SourceFile), source
    return source


def trouble(project: Project, path: str) -> str:
    problem = project.load(path)
    assert isinstance(problem, Problem), problem
    assert problem.location is not None
    assert problem.location.path == path
    return problem.kind


# ---- listing ----

TREE: dict[str, str | bytes] = {
    ".gitignore": "*.log\n/ignored/\n!keep.log\n",
    "a.js": HANDLER,
    "ignored/b.js": HANDLER,
    "sub/.gitignore": "*.js\n!wanted.js\n",
    "sub/c.js": HANDLER,
    "sub/wanted.js": HANDLER,
    "sub/ignored/d.ts": HANDLER,
}


def test_git_and_walk_list_the_same_files(tmp_path: Path) -> None:
    walked = found(write(tmp_path / "plain", TREE))
    repository = write(tmp_path / "repository", TREE)
    git(repository, "init", "-q")
    git(repository, "add", "a.js")  # the rest is untracked
    listed = found(repository)
    assert walked.files == listed.files == ("a.js", "sub/ignored/d.ts", "sub/wanted.js")


def test_deleted_but_tracked_files_are_not_listed(tmp_path: Path) -> None:
    write(tmp_path, {"a.js": HANDLER, "b.js": HANDLER})
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    (tmp_path / "b.js").unlink()
    assert found(tmp_path).files == ("a.js",)


def test_repository_hooks_and_monitors_do_not_run(tmp_path: Path) -> None:
    write(tmp_path, {"a.js": HANDLER, "monitor.sh": "#!/bin/sh\ntouch ran\n"})
    (tmp_path / "monitor.sh").chmod(0o755)
    git(tmp_path, "init", "-q")
    git(tmp_path, "config", "core.fsmonitor", str(tmp_path / "monitor.sh"))
    assert found(tmp_path).files == ("a.js",)
    assert not (tmp_path / "ran").exists()


def test_git_variables_of_a_hook_do_not_mislead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = write(tmp_path / "other", {"x.js": HANDLER})
    git(other, "init", "-q")
    mine = write(tmp_path / "mine", {"a.js": HANDLER})
    git(mine, "init", "-q")
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other))
    assert found(mine).files == ("a.js",)


def test_folder_that_its_repository_ignores_is_walked(tmp_path: Path) -> None:
    write(tmp_path, {".gitignore": "scratch/\n", "scratch/a.js": HANDLER})
    git(tmp_path, "init", "-q")
    assert found(tmp_path / "scratch").files == ("a.js",)


def test_exclude_patterns(tmp_path: Path) -> None:
    write(tmp_path, {"a.js": HANDLER, "legacy/b.js": HANDLER, "legacy/template.yaml": "Resources: {}\n"})
    project = found(tmp_path, Settings(exclude=("legacy/",)))
    assert project.files == ("a.js",)
    assert project.configs == ()


def test_wrong_patterns(tmp_path: Path) -> None:
    write(tmp_path, {".gitignore": "!\nb.js\n", "a.js": HANDLER, "b.js": HANDLER})
    assert found(tmp_path).files == ("a.js",)
    with pytest.raises(ConfigError, match="exclude"):
        found(tmp_path, Settings(exclude=("ok", "!")))


def test_links_stay_inside_and_loops_do_no_harm(tmp_path: Path) -> None:
    root = write(tmp_path / "root", {"real/a.js": HANDLER, "functions/x.js": HANDLER})
    write(tmp_path, {"outside.js": HANDLER})
    (root / "leaves.js").symlink_to(tmp_path / "outside.js")
    (root / "broken.js").symlink_to("nowhere.js")
    (root / "self").symlink_to("self")
    (root / "functions" / "shared").symlink_to("../real")
    (root / "real" / "up").symlink_to("..")
    project = found(root)
    assert project.files == ("functions/x.js", "real/a.js")
    assert project.canonical("functions/shared/a.js") == "real/a.js"
    assert project.canonical("real/up/real/up/functions/x.js") == "functions/x.js"
    assert trouble(project, "leaves.js") == "unreadable"


def test_pipes_are_not_opened(tmp_path: Path) -> None:
    write(tmp_path, {"a.js": HANDLER})
    os.mkfifo(tmp_path / "pipe.js")
    assert found(tmp_path).files == ("a.js",)
    assert trouble(found(tmp_path), "pipe.js") == "unreadable"


# ---- roots and focus ----


def test_file_argument_has_the_repository_as_root_and_itself_in_focus(tmp_path: Path) -> None:
    write(tmp_path, {"app/src/a.js": HANDLER, "app/src/b.js": HANDLER, "app/package.json": "{}"})
    assert find_root([tmp_path / "app/src/a.js"]) == (tmp_path / "app").resolve()
    git(tmp_path, "init", "-q")
    project = discover([tmp_path / "app/src/a.js"], Settings())
    assert project.root == tmp_path.resolve()
    assert project.files == ("app/src/a.js", "app/src/b.js")
    assert project.focus == frozenset({"app/src/a.js"})


def test_several_folders_have_their_common_ancestor_as_root(tmp_path: Path) -> None:
    write(tmp_path, {"one/a.js": HANDLER, "two/b.js": HANDLER, "three/c.js": HANDLER})
    project = discover([tmp_path / "one", tmp_path / "two"], Settings())
    assert project.root == tmp_path.resolve()
    assert project.focus == frozenset({"one/a.js", "two/b.js"})
    assert project.files == ("one/a.js", "three/c.js", "two/b.js")


def test_folder_argument_has_no_focus(tmp_path: Path) -> None:
    assert found(write(tmp_path, {"a.js": HANDLER})).focus is None


def test_wrong_arguments_are_usage_errors(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="absent"):
        discover([tmp_path / "absent"], Settings())
    write(tmp_path, {"notes.md": "x"})
    with pytest.raises(UsageError, match=r"notes\.md"):
        discover([tmp_path / "notes.md"], Settings())


def test_named_file_is_never_skipped(tmp_path: Path) -> None:
    write(tmp_path, {"tests/helper.js": HANDLER, "tests/other.js": HANDLER, "package.json": "{}"})
    assert found(tmp_path).files == ()
    assert discover([tmp_path / "tests/helper.js"], Settings()).files == ("tests/helper.js",)


# ---- reasons ----


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("node_modules/x/index.js", "vendored"),
        ("src/vendor/x.js", "vendored"),
        ("layers/common/python/requests/api.py", "vendored"),
        ("fn/lib/python3.12/site-packages/x.py", "vendored"),
        ("public/app.min.js", "generated"),
        ("src/types.d.ts", "generated"),
        ("proto/order_pb2.py", "generated"),
        ("Forms/Main.Designer.cs", "generated"),
        ("cdk.out/asset.0123/index.js", "build"),
        (".aws-sam/build/F/app.js", "build"),
        ("App/obj/Debug/net8.0/X.cs", "build"),
        ("test/a.js", "tests"),
        ("src/__tests__/a.ts", "tests"),
        ("src/a.test.ts", "tests"),
        ("src/a.spec.js", "tests"),
        ("src/test/java/x/FooTest.java", "tests"),
        ("src/main/java/x/FooTests.java", "tests"),
        ("App.Tests/FunctionTest.cs", "tests"),
        ("App.UnitTests/Sub/Helper.cs", "tests"),
        ("test_app.py", "tests"),
        ("webpack.config.js", "tooling"),
        ("gulpfile.js", "tooling"),
        ("schematics/files/__name@dasherize__.dto.ts", "tooling"),
        (".eslintrc.js", "tooling"),
        (".github/scripts/x.js", "tooling"),
    ],
)
def test_skipped_by_name(tmp_path: Path, path: str, reason: str) -> None:
    write(tmp_path, {path: "x = 1\n", "keep.js": HANDLER})
    project = found(tmp_path)
    assert project.files == ("keep.js",)
    assert project.skipped in (((reason, 1),), ())  # node_modules is not even listed
    if project.skipped:
        assert project.exists(path) == (reason != "vendored")
    assert project.skipped or reason == "vendored"


@pytest.mark.parametrize(
    "path",
    ["src/latest.js", "contest/a.js", "dist/index.js", "bin/run.js", "src/Contest.java", "layers/x/python/own.py"],
)
def test_not_skipped(tmp_path: Path, path: str) -> None:
    assert found(write(tmp_path, {path: "x = 1\n"})).files == (path,)


def test_built_output_is_skipped_only_beside_its_source(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "one/src/app.ts": "export const handler = 1;",
            "one/dist/app.js": HANDLER,
            "one/dist/only.js": HANDLER,
            "two/a.ts": "export const handler = 1;",
            "two/a.js": HANDLER,
            "three/bin/stack.ts": "x",
            "three/lib/stack.ts": "x",
        },
    )
    project = found(tmp_path)
    assert dict(project.skipped_files) == {"one/dist/app.js": "build", "two/a.js": "build"}
    assert project.exists("one/dist/app.js")


def test_packages_beside_the_requirements_that_name_them_are_vendored(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "layer/python/requirements.txt": "# pinned\nPika==1.3 ; python_version > '3'\n-e ./own\nzope.event\n",
            "layer/python/pika/__init__.py": "",
            "layer/python/pika/channel.py": "",
            "layer/python/own/__init__.py": "",
            "src/requirements.txt": "orders\n",
            "src/app.py": "",
            "src/lib/orders/__init__.py": "",
        },
    )
    assert sorted(found(tmp_path).files) == ["layer/python/own/__init__.py", "src/app.py", "src/lib/orders/__init__.py"]


def test_packages_installed_beside_own_code_are_vendored(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "fn/app.py": "def handler(event, context): pass\n",
            "fn/six.py": "x = 1\n",
            "fn/acme/core.py": "x = 1\n",
            "fn/acme-1.0.dist-info/RECORD": "acme/core.py,sha256=x,1\nsix.py,,\nacme-1.0.dist-info/RECORD,,\n",
        },
    )
    project = found(tmp_path)
    assert project.files == ("fn/app.py",)
    assert project.skipped == (("vendored", 2),)
    assert not project.exists("fn/acme/core.py")


def test_infrastructure_code_is_skipped_by_what_it_imports(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "infra/cdk.json": "{}",
            "infra/bin/app.ts": "import * as cdk from 'aws-cdk-lib';\nnew cdk.App();\n",
            "infra/lib/orders-stack.ts": 'import { Construct } from "constructs";\n',
            "infra/lambda/orders.ts": "export const handler = async (event) => event;\n",
            "infra/lambda/resource.ts": (
                "import { X } from 'aws-cdk-lib';\nexport const handler = async (event: E, context: C) => 1;\n"
            ),
            "infra/src/main/java/x/Stack.java": "package x;\nimport software.amazon.awscdk.Stack;\nclass S {}\n",
        },
    )
    project = found(tmp_path)
    assert project.files == ("infra/lambda/orders.ts", "infra/lambda/resource.ts")
    assert project.skipped == (("cdk", 3),)


# ---- reading ----


def test_encodings(tmp_path: Path) -> None:
    text = "const é = '😀';\n"
    write(
        tmp_path,
        {
            "plain.js": text,
            "bom.js": b"\xef\xbb\xbf" + text.encode(),
            "utf16.js": text.encode("utf-16"),
            "latin.py": "# -*- coding: latin-1 -*-\nx = 'é'\n".encode("latin-1"),
            "wrong.js": "x = 'é'".encode("latin-1"),
            "nonsense.py": b"# coding: no-such-codec\nx = 1\n",
            "bytes.py": b"# coding: zlib\nx = 1\n",
            "binary.js": b"x\0y",
        },
    )
    project = found(tmp_path)
    assert loaded(project, "plain.js").data.decode() == text
    assert loaded(project, "bom.js").data.decode() == text
    assert loaded(project, "bom.js").bom
    assert loaded(project, "utf16.js").data.decode() == text
    assert loaded(project, "utf16.js").encoding == "utf-16-le"
    assert "é" in loaded(project, "latin.py").data.decode()
    assert loaded(project, "latin.py").language is Language.PYTHON
    assert trouble(project, "wrong.js") == "encoding"
    assert trouble(project, "nonsense.py") == "encoding"
    assert trouble(project, "bytes.py") == "encoding"
    assert trouble(project, "binary.js") == "binary"


def test_pep_263_is_pythons_alone(tmp_path: Path) -> None:
    write(tmp_path, {"a.js": "// coding: latin-1\nconst x = 'é';\n"})
    assert loaded(found(tmp_path), "a.js").encoding == "utf-8"


def test_files_that_are_no_hand_written_code(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "line.js": "x='" + "a" * 5000 + "';\n",
            "wide.js": "x='" + "é" * 2600 + "';\n",  # over 5,000 bytes but not characters
            "mapped.js": "x = 1\n//# sourceMappingURL=data:application/json;base64," + "a" * 6000 + "\n",
            "large.js": "// a comment\n" * 100_000,
            "tool.js": "/**\n * @generated by a tool\n */\nx = 1\n",
            "tool.py": "# Code generated by protoc. DO NOT EDIT.\nx = 1\n",
            "hand.py": "# DO NOT EDIT the table below without asking\nx = 1\n",
            "text.js": "const message = 'generated, DO NOT EDIT';\n",
        },
    )
    project = found(tmp_path)
    assert trouble(project, "line.js") == "minified"
    assert trouble(project, "large.js") == "too-large"
    assert trouble(project, "tool.js") == "generated"
    assert trouble(project, "tool.py") == "generated"
    for path in ("wide.js", "hand.py", "text.js", "mapped.js"):
        assert isinstance(project.load(path), SourceFile)


def test_missing_and_escaping_paths_are_problems(tmp_path: Path) -> None:
    root = write(tmp_path / "root", {"a.js": HANDLER})
    write(tmp_path, {"b.js": HANDLER})
    project = found(root)
    assert trouble(project, "missing.js") == "unreadable"
    assert trouble(project, "../b.js") == "unreadable"


def test_configs_are_read_without_their_mark(tmp_path: Path) -> None:
    write(tmp_path, {"template.yaml": b"\xef\xbb\xbfResources: {}\n", "package-lock.json": "{}", "x.bin": b"\0"})
    project = found(tmp_path)
    assert project.configs == ("template.yaml",)
    assert project.read_bytes("template.yaml") == b"Resources: {}\n"
    assert isinstance(project.read_bytes("template.yaml", limit=3), Problem)


def test_nothing_outside_is_read(tmp_path: Path) -> None:
    root, outside = tmp_path / "project", tmp_path / "outside" / "inner"
    (root / "a" / ".b").mkdir(parents=True)
    outside.mkdir(parents=True)
    for folder in (root / "a" / ".b", outside):
        (folder / "x.js").write_text("x")
    (root / "link").symlink_to(tmp_path / "outside")
    (root / "own").symlink_to(root / "a")
    project = Project(root, ())
    for path in ("a/.b/x.js", "a//.b/x.js", "a/./.b/x.js", "own/.b/x.js", "a/../own/.b/x.js"):
        assert project.read(path, 10) == b"x", path
    for path in (str(outside / "x.js"), "../outside/inner/x.js", "link/inner/x.js", "a/../../outside/inner/x.js"):
        assert isinstance(project.read(path, 10), Problem), path


def test_cheap_patterns_mean_what_they_meant() -> None:
    rng = random.Random(1)
    parts = ["a", "b", "*", "*", "?", "/", "**/", "/**", "[ab]", "!", ".", " ", "\\#"]
    compared = 0
    for _ in range(1_000):
        lines = ["".join(rng.choice(parts) for _ in range(rng.randint(1, 8))) for _ in range(rng.randint(1, 6))]
        patterns = Patterns(lines)
        spec = GitIgnoreSpec.from_lines(line for line in lines if line not in patterns.left_out)
        for _ in range(3):
            path = "/".join("".join(rng.choices("aab.", k=rng.randint(1, 5))) for _ in range(rng.randint(1, 4)))
            if path != posixpath.normpath(path):
                continue
            path += rng.choice(["", "/"])
            found = patterns.verdict(path)
            assert found is spec.check_file(path).include, (lines, path)
            compared += found is not None
    assert compared > 200


def test_lines_that_are_no_patterns_are_left_out() -> None:
    costly = "**/a/" * 5
    patterns = Patterns(["*.log", "", "# b", "[z-a]", costly, "[(?P<x>]", "!", "out/", "a\\"])
    assert patterns.left_out == ["[z-a]", costly, "!", "a\\"]
    assert [patterns.verdict(path) for path in ("x.log", "P", "out/", "out", "b")] == [True, True, True, None, None]
