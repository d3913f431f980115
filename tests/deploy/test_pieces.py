"""What the deployment stage keeps piece by piece: what it says is what it would say anew, whatever file has changed,
and nothing is made again that the change cannot have touched."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec import msgpack

from lmi_lint.cache import NO_CACHE, Cache
from lmi_lint.deploy import pieces
from lmi_lint.deploy.cdk import source
from lmi_lint.deploy.model import Deployment
from lmi_lint.deploy.read import read
from lmi_lint.deploy.terraform import read as terraform
from lmi_lint.deploy.watched import WatchedIndex
from lmi_lint.discover import discover
from lmi_lint.index import Index
from lmi_lint.settings import Settings
from tests.link.linking import write

FUNCTION = """  {name}:
    Type: AWS::Serverless::Function
    Properties: {{CodeUri: {root}, Handler: {handler}, {more}}}
"""


def function(name: str, root: str, handler: str, more: str) -> str:
    return FUNCTION.format(name=name, root=root, handler=handler, more=more)


JAVA = "Runtime: java21"
NODE = "Runtime: nodejs22.x"
HANDLES = "RequestHandler<String, String>"
CDK = """
import { Stack } from 'aws-cdk-lib';
import { Function, Code, Runtime } from 'aws-cdk-lib/aws-lambda';
export class Made extends Stack {
  constructor(scope, id) {
    super(scope, id);
    new Function(this, 'Fn', {runtime: Runtime.NODEJS_22_X, memorySize: 512, handler: 'made.handler',
      code: Code.fromAsset('src')});
  }
}
"""
FILES = {
    "sam/template.yaml": "Resources:\n"
    + function("One", "src/", "one.handler", NODE)
    + "  Inner:\n    Type: AWS::Serverless::Application\n"
    + "    Properties: {Location: inner.yaml, Parameters: {Size: 300}}\n",
    "sam/inner.yaml": "Parameters:\n  Size: {Type: Number, Default: 100}\nResources:\n"
    + function("Two", "src/", "two.handler", NODE + ", MemorySize: !Ref Size")
    + "  Fn::Transform: {Name: AWS::Include, Parameters: {Location: more.yaml}}\n",
    "sam/more.yaml": function("Three", "src/", "three.handler", NODE).replace("\n  ", "\n").removeprefix("  "),
    "sam/samconfig.toml": "[default.deploy.parameters]\nregion = 'eu-west-1'\n",
    "sam/src/one.js": "exports.handler = async (event) => event;\n",
    "sam/src/two.js": "exports.handler = async (event) => event;\n",
    "jvm/template.yaml": "Resources:\n"
    + function("Four", "app/", "shop.Four::handle", JAVA)
    + function("Five", "app/", "org.springframework.cloud.function.adapter.aws.FunctionInvoker", JAVA),
    "jvm/app/src/main/java/shop/Four.java": "package shop;\npublic class Four extends Base { }\n",
    "jvm/app/src/main/java/shop/Sum.java": "package shop;\nclass Sum implements Function<String, String> { }\n",
    "sls/serverless.yml": "provider: {name: aws, runtime: nodejs22.x, memorySize: '${file(size.yml):size}'}\n"
    "functions:\n  six: {handler: six.handler}\n",
    "sls/size.yml": "size: 256\n",
    "sls/six.js": "exports.handler = async (event) => event;\n",
    "tf/main.tf": 'resource "aws_lambda_function" "seven" {\n  function_name = "seven"\n  handler = "seven.handler"\n'
    '  runtime = "nodejs22.x"\n  memory_size = 128\n  filename = "seven.zip"\n}\n',
    "cdk/cdk.json": '{"app": "node app.js"}\n',
    "cdk/made.ts": CDK,
    "cdk/src/made.js": "exports.handler = async (event) => event;\n",
    "plain/Base.java": f"package plain;\nabstract class Base<T> implements {HANDLES} {{ }}\n",
    "plain/Eight.java": "package plain;\npublic class Eight extends Base<String> { }\n",
    "plain/Base.cs": "namespace Plain;\npublic abstract class Base { public string FunctionHandler(string e,"
    " ILambdaContext c) => e; }\n",
    "plain/Nine.cs": "namespace Plain;\npublic class Nine : Base { }\n",
    "plain/lambda_function.py": "def lambda_handler(event, context):\n    return event\n",
    "plain/tool.py": "def lambda_handler(event, context):\n    return event\n",
}
TEMPLATE = {"looks", "look", "flaw", "nested", "stack"}
TERRAFORM = {"terraform-links", "terraform-roots", "terraform"}
MOVED = "\n// moved\n"

# What has changed → path, the new text (None: the file is gone) → kinds of pieces that are made again, where all is
# known, each with a word in what it is about
CHANGES: dict[str, tuple[str, str | None, set[str] | None]] = {
    "a comment in a handler": ("sam/src/one.js", MOVED + FILES["sam/src/one.js"], set()),
    "a handler that exports something else": ("sam/src/one.js", "exports.other = (event) => event;\n", None),
    "a comment in a template": ("jvm/template.yaml", "# more\n" + FILES["jvm/template.yaml"], TEMPLATE | {"handler"}),
    "a setting": ("jvm/template.yaml", FILES["jvm/template.yaml"].replace("java21", "java17"), TEMPLATE | {"handler"}),
    "what is passed to a nested template": (
        "sam/template.yaml",
        FILES["sam/template.yaml"].replace("300", "400"),
        TEMPLATE | {"handler"},
    ),
    "a nested template": (
        "sam/inner.yaml",
        FILES["sam/inner.yaml"].replace("!Ref Size", "700"),
        TEMPLATE | {"handler"},
    ),
    "a nested template that is none any more": ("sam/inner.yaml", "Resources: {}\n", None),
    "a nested template that is damaged": ("sam/inner.yaml", "Resources: {AWS::Serverless::Function: [\n", None),
    "what a template includes": ("sam/more.yaml", FILES["sam/more.yaml"].replace("22", "20"), None),
    "settings beside a template": (
        "sam/samconfig.toml",
        FILES["sam/samconfig.toml"].replace("eu-west-1", "us-east-1"),
        {"stack", "handler"},
    ),
    "a service": (
        "sls/serverless.yml",
        FILES["sls/serverless.yml"].replace("six:", "ten:"),
        {"looks", "look", "service", "handler"},
    ),
    "what a service includes": ("sls/size.yml", "size: 512\n", {"looks", "look", "service", "handler"}),
    "a resource of Terraform": ("tf/main.tf", FILES["tf/main.tf"].replace("128", "256"), TERRAFORM | {"handler"}),
    "an app": ("cdk/made.ts", CDK.replace("512", "1024"), {"app", "handler"}),
    "a comment in a base class": ("plain/Base.java", MOVED + FILES["plain/Base.java"], set()),
    "a base class that is none": (
        "plain/Base.java",
        FILES["plain/Base.java"].replace(HANDLES, "Other"),
        {"convention"},
    ),
    "a comment in a class": ("plain/Eight.java", MOVED + FILES["plain/Eight.java"], set()),
    "a class that derives from another": (
        "plain/Eight.java",
        FILES["plain/Eight.java"].replace("Base", "Else"),
        {"convention"},
    ),
    "a type before a class": ("plain/Nine.cs", FILES["plain/Nine.cs"].replace("public", "enum A { B }\npublic"), None),
    "a comment in a class of C#": ("plain/Nine.cs", MOVED + FILES["plain/Nine.cs"], set()),
    "a base class of C# with another method": (
        "plain/Base.cs",
        FILES["plain/Base.cs"].replace("FunctionHandler", "FunctionHandlerTwo"),
        {"convention"},
    ),
    "a function of a framework": (
        "jvm/app/src/main/java/shop/Sum.java",
        FILES["jvm/app/src/main/java/shop/Sum.java"].replace("Sum", "Total"),
        None,
    ),
    "a class that is a framework's": (
        "jvm/app/src/main/java/shop/Four.java",
        FILES["jvm/app/src/main/java/shop/Four.java"].replace("Base", "FunctionInvoker"),
        None,
    ),
    "an import of a handler": (
        "plain/lambda_function.py",
        "import tool\n" + FILES["plain/lambda_function.py"],
        {"convention"},
    ),
    "a file in place of another": ("sam/src/two.ts", "export const handler = async (event) => event;\n", None),
    "a template that names another service's platform": ("plain/host.json", '{"functionTimeout": "00:05:00"}\n', None),
    "a new subclass": ("plain/Last.java", "package plain;\npublic class Last extends Eight { }\n", None),
    "a new template": ("new/template.yaml", "Resources:\n" + function("Ten", "../sam/src", "one.handler", NODE), None),
    "a handler that is gone": ("sam/src/one.js", None, None),
    "a base class that is gone": ("plain/Base.cs", None, None),
    "a template that is gone": ("sam/inner.yaml", None, None),
    "an app that is gone": ("cdk/made.ts", None, None),
}
# What leaves the deployment as it was
SAME = {"a comment in a handler", "a comment in a base class"}


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The pieces that are made and not recalled, as it goes on."""
    names: list[str] = []
    real = pieces.Pieces._made

    def noted(self, name, make):
        names.append(name)
        return real(self, name, make)

    monkeypatch.setattr(pieces.Pieces, "_made", noted)
    return names


def said(folder: Path, cache: Cache) -> Deployment:
    project = discover([folder], Settings(), folder)
    Index.of(project).recall(cache)
    found = read(project, cache=cache)
    Index.of(project).keep()
    return found


def test_what_is_kept_is_what_would_be_found_anew(tmp_path: Path, made: list[str]) -> None:
    folder, cache = tmp_path / "project", Cache(tmp_path / "cache")
    write(folder, FILES)
    before = said(folder, cache)
    names = {each.name for each in before.functions}
    assert {"One", "Two", "Three", "Four", "Five", "seven", "Fn", "Eight", "Nine"} <= names, names
    assert said(folder, cache) == before == said(folder, NO_CACHE)
    for what, (name, text, kinds) in CHANGES.items():
        path = folder / name
        del made[:]
        path.parent.mkdir(exist_ok=True)
        path.unlink() if text is None else path.write_text(text)
        found = said(folder, cache)
        assert found == said(folder, NO_CACHE), what
        assert (found == before) is (what in SAME), what
        again = {each.partition("\0")[0] for each in made}
        assert kinds is None or again == kinds, (what, again)
        path.write_text(FILES[name]) if name in FILES else path.unlink()
        assert said(folder, cache) == before, what


SHARED = CDK.replace("class Made extends Stack", "class Shared extends Stack").replace("'Fn'", "id")
USES = """
import { App } from 'aws-cdk-lib';
import { Shared } from '../shared/stack';
new Shared(new App(), '%s');
"""
MODULE = 'module "fn" {\n  source = "../%s"\n  size = %s\n}\n'
APART = {
    **{f"{name}/made.ts": CDK.replace("'Fn'", f"'Fn-{name}'") for name in ("one", "two")},
    **{f"{name}/cdk.json": "{}" for name in ("one", "two", "three", "four", "shared")},
    "three/app.ts": USES % "three",
    "four/app.ts": USES % "four",
    "shared/stack.ts": SHARED,
    **{f"root{name}/main.tf": MODULE % ("module", name * 3) for name in "123"},
    "root3/main.tf": FILES["tf/main.tf"],
    "module/main.tf": 'variable "size" {}\n' + FILES["tf/main.tf"].replace("128", "var.size"),
}
# What has changed → path, old and new text → what is evaluated again: the folders of an app, a root module
CHANGED_APART: dict[str, tuple[str, str, str, list[str]]] = {
    "one app": ("one/made.ts", "512", "640", ["one"]),
    "an app that uses another's stack": ("three/app.ts", "'three'", "'third'", ["three", "four shared three"]),
    "a stack that two apps use": (
        "shared/stack.ts",
        "512",
        "640",
        ["four", "shared", "three", "four shared three"],
    ),
    "an app that uses it no more": (
        "four/app.ts",
        "new Shared(new App(), 'four');",
        "",
        ["four", "shared three"],
    ),
    "an app that uses one of the others": (
        "two/made.ts",
        "export class",
        "import { Made as One } from '../one/made';\nnew One(null, 'x');\nexport class",
        ["two", "one two"],
    ),
    "a root module": ("root1/main.tf", "111", "256", ["root1"]),
    "a module that two call": ("module/main.tf", "nodejs22.x", "nodejs20.x", ["root1", "root2"]),
    "a root module as large as another": ("root3/main.tf", "128", "256", ["root3"]),
}


def test_one_app_and_one_root_module_are_evaluated_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, cache = tmp_path / "project", Cache(tmp_path / "cache")
    write(folder, APART)
    evaluated: list[str] = []
    read_app, read_root = source.read_app, terraform.read_root

    def app(paths, *given):
        evaluated.append(" ".join(path.partition("/")[0] for path in paths))
        return read_app(paths, *given)

    def root(folder, *given):
        evaluated.append(folder)
        return read_root(folder, *given)

    monkeypatch.setattr(source, "read_app", app)
    monkeypatch.setattr(terraform, "read_root", root)
    before = said(folder, cache)
    assert len(before.functions) == 7
    assert len({each.key for each in before.functions}) == 7
    for what, (name, old, new, again) in CHANGED_APART.items():
        path, text = folder / name, APART[name]
        assert old in text, what
        path.write_text(text.replace(old, new))
        del evaluated[:]
        found = said(folder, cache)
        assert evaluated == again, what
        assert found == said(folder, NO_CACHE), what
        assert found != before, what
        path.write_text(text)
        assert said(folder, cache) == before, what


def test_a_book_that_makes_no_sense_is_a_miss(tmp_path: Path, made: list[str]) -> None:
    folder, cache = tmp_path / "project", Cache(tmp_path / "cache")
    folder.mkdir()
    (folder / "template.yaml").write_text("Resources:\n" + function("One", ".", "one.handler", NODE))
    first = said(folder, cache)
    (entry,) = (tmp_path / "cache").rglob("pieces/*/*")
    (whole,) = (tmp_path / "cache").rglob("deployed/*/*")
    key = entry.parent.name + entry.name
    book = cache.get("pieces", key, msgpack.Decoder(pieces.Book).decode)
    assert book is not None
    count = len(book.questions)
    emptied = {name: pieces.Piece(piece.rests, piece.inner, b"\xc0") for name, piece in book.pieces.items()}
    beyond = {name: pieces.Piece((count,), piece.inner, piece.value) for name, piece in book.pieces.items()}
    for broken in (
        pieces.Book(book.questions[:1], book.answers, book.pieces),
        pieces.Book([("",)] * count, book.answers, book.pieces),
        pieces.Book([("read", "one")] * count, book.answers, book.pieces),
        pieces.Book(book.questions, book.answers, beyond),
        pieces.Book(book.questions, book.answers, emptied),
    ):
        whole.unlink()
        cache.put("pieces", key, msgpack.encode(broken))
        del made[:]
        assert said(folder, cache) == first
        assert made


def test_all_that_is_asked_of_the_index_is_a_question() -> None:
    of_the_listing = {"build_file", "files_around", "files_below", "python"}
    of_the_run = {"go_on", "keep", "learn", "needed", "news", "of", "recall"}
    refused = {"global_usings", "extension_files", "files_matching", "wired", "is_namespace"}
    public = {name for name in vars(Index) if not name.startswith("_")}
    assert public - set(vars(WatchedIndex)) <= of_the_listing | of_the_run | refused
