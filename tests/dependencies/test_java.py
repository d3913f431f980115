"""What Maven and Gradle say."""

from __future__ import annotations

import pytest

from lmi_lint.dependencies.gradle import read_gradle
from lmi_lint.dependencies.maven import Poms
from tests.dependencies.conftest import Make, places, said


def dependency(artifact: str, version: str = "", more: str = "", group: str = "g") -> str:
    written = f"<version>{version}</version>" if version else ""
    return f"<dependency><groupId>{group}</groupId><artifactId>{artifact}</artifactId>{written}{more}</dependency>\n"


def pom(body: str, artifact: str = "app", parent: str = "") -> str:
    up = (
        f"<parent><groupId>shop</groupId><artifactId>{parent}</artifactId><version>1</version></parent>"
        if parent
        else ""
    )
    group = "" if parent else "<groupId>shop</groupId>"
    return (
        '<?xml version="1.0" encoding="ISO-8859-1"?>\n<project xmlns="http://maven.apache.org/POM/4.0.0">\n'
        f"{up}{group}<artifactId>{artifact}</artifactId><version>1</version>\n{body}</project>"
    )


PARENT = pom(
    "<properties><sdk.version>2.1</sdk.version><nested>${sdk.version}.5</nested></properties>"
    "<dependencyManagement><dependencies>"
    + dependency("managed", "1.5")
    + dependency("tested", "1", "<scope>test</scope>")
    + dependency("bom", "2", "<type>pom</type><scope>import</scope>", group="shop")
    + dependency("bom", "${sdk.version}", "<type>pom</type><scope>import</scope>", group="sdk")
    + "</dependencies></dependencyManagement>"
    "<dependencies>" + dependency("inherited", "7") + "</dependencies>",
    "parent",
)
BOM = pom(
    "<dependencyManagement><dependencies>" + dependency("imported", "3.3") + "</dependencies></dependencyManagement>",
    "bom",
)
MODULE = pom("<dependencies>" + dependency("of-module", "8") + "</dependencies>", "lib")
CHILD = pom(
    "<properties><sdk.version>2.2</sdk.version></properties><dependencies>\n"
    + dependency("exact", "1.0")
    + dependency("property", "${sdk.version}")
    + dependency("chained", "${nested}")
    + dependency("unknown", "${nowhere}")
    + dependency("range", "[1,2)")
    + dependency("managed")
    + dependency("imported")
    + dependency("s3", group="sdk")
    + dependency("tested")
    + dependency("provided", "1", "<scope>provided</scope>")
    + dependency("optional", "1", "<optional>true</optional>")
    + dependency("lib", "1", group="shop")
    + "</dependencies><profiles>"
    "<profile><activation><activeByDefault>true</activeByDefault></activation><dependencies>"
    + dependency("active", "4")
    + "</dependencies></profile><profile><dependencies>"
    + dependency("inactive", "4")
    + "</dependencies></profile></profiles><build><plugins><plugin><dependencies>"
    + dependency("plugin", "1")
    + "</dependencies></plugin></plugins></build>",
    "app",
    "parent",
)


def test_pom(make: Make) -> None:
    files = make({"pom.xml": PARENT, "bom/pom.xml": BOM, "lib/pom.xml": MODULE, "app/pom.xml": CHILD})
    found = Poms(files).read("app/pom.xml")
    assert said(found) == {
        "g:exact": "1.0",
        "g:property": "2.2",
        "g:chained": "2.2.5",
        "g:unknown": None,
        "g:range": "([1,2))",
        "g:managed": "1.5",
        "g:imported": "3.3",
        "sdk:s3": None,
        "shop:lib": "1",
        "g:active": "4",
        "g:inherited": "7",
        "sdk:bom": "2.2",
        "g:of-module": "8",
    }
    where = {name: place.split(" ")[0] for name, place in places(files, found).items()}
    assert where["g:managed"] == "pom.xml:4"
    assert where["g:imported"] == "bom/pom.xml:4"
    assert where["g:property"] == "app/pom.xml:4"
    assert places(files, found)["g:exact"].endswith("</dependency>")


def test_cycles_end(make: Make) -> None:
    imports = (
        "<dependencyManagement><dependencies>"
        + dependency("b", "1", "<type>pom</type><scope>import</scope>", group="shop")
        + dependency("x", "1")
        + "</dependencies></dependencyManagement>"
    )
    files = make(
        {
            "a/pom.xml": pom(
                imports + "<dependencies>" + dependency("x") + dependency("a", "1", group="shop") + "</dependencies>",
                "a",
                "b",
            ),
            "b/pom.xml": pom(imports.replace(">b<", ">a<"), "b", "a"),
            "c/pom.xml": pom("", "c", "c"),
        }
    )
    assert said(Poms(files).read("a/pom.xml"))["g:x"] == "1"
    assert Poms(files).read("c/pom.xml") == []


def test_long_lineage_is_cut(make: Make) -> None:
    texts = {
        f"{n}/pom.xml": pom("<dependencies>" + dependency(f"d{n}", "1") + "</dependencies>", f"p{n}", f"p{n + 1}")
        for n in range(150)
    }
    files = make(texts)
    assert len(Poms(files).read("0/pom.xml")) == 100
    assert ["leads to more than 100 files" in each.message for each in files.problems] == [True]


GRADLE = """\
plugins { id 'java' }
ext {
    awsVersion = '2.20.1'
    set('other', '1')
}
def xray = "2.11.0"
ext.late = '5'
/* implementation 'g:commented:1' */
dependencies {
    implementation "g:interpolated:${awsVersion}" // implementation 'g:too:1'
    implementation("g:kotlinish:$xray")
    implementation group: 'g', name: 'mapped', version: '1.2'
    runtimeOnly 'g:listed:1',
        "g:second:$late",
        libs.aws.s3
    api 'g:property:' + version
    implementation "g:from-properties:${fromProperties}"
    implementation 'g:dynamic:1.+'
    implementation 'g:latest:latest.release'
    implementation "g:unknown:${nowhere}"
    implementation platform('sdk:bom:2.18.0')
    implementation 'sdk:unversioned'
    implementation 'sdk:newer:2.40.0'
    implementation libs.bundles.logging
    implementation project(':lib')
    testImplementation 'g:tested:1'
    compileOnly 'g:compiled:1'
}
"""
CATALOG = """\
[versions]
sdk = "2.19.0"
rich = { strictly = "3.1" }
[libraries]
aws-s3 = { module = "g:catalogued", version.ref = "sdk" }
log-one = "g:log-one:1.1"
log_two = { group = "g", name = "log-two", version.ref = "rich" }
[bundles]
logging = ["log-one", "log_two"]
"""


def test_gradle(make: Make) -> None:
    files = make(
        {
            "app/build.gradle": GRADLE,
            "gradle/libs.versions.toml": CATALOG,
            "gradle.properties": "fromProperties=6.1\n",
            "lib/build.gradle.kts": 'val v = "9"\ndependencies {\n  api("g:of-project:$v")\n}\n',
        }
    )
    found = read_gradle(files, "app/build.gradle")
    assert said(found) == {
        "g:interpolated": "2.20.1",
        "g:kotlinish": "2.11.0",
        "g:mapped": "1.2",
        "g:listed": "1",
        "g:second": "5",
        "g:catalogued": "2.19.0",
        "g:property": None,
        "g:from-properties": "6.1",
        "g:dynamic": "(1.+)",
        "g:latest": None,
        "g:unknown": None,
        "sdk:unversioned": "2.18.0",
        "sdk:newer": "2.40.0",
        "g:log-one": "1.1",
        "g:log-two": "3.1",
        "g:of-project": "9",
    }
    where = places(files, found)
    assert where["g:catalogued"].startswith('gradle/libs.versions.toml:5 aws-s3 = { module = "g:catalogued"')
    assert where["g:second"] == 'app/build.gradle:14 "g:second:$late"'


def test_gradle_lock(make: Make) -> None:
    lock = "g:a:1.9=compileClasspath,runtimeClasspath\ng:b:1.8=testRuntimeClasspath\n"
    files = make(
        {
            "build.gradle": "dependencies {\n implementation 'g:a:1.+'\n implementation 'g:b:1.+'\n}\n",
            "gradle.lockfile": lock,
        }
    )
    assert said(read_gradle(files, "build.gradle")) == {"g:a": "1.9", "g:b": "(1.+)"}


@pytest.mark.parametrize("text", ["def v = '1'\ndef v = '2'\n", ""], ids=["two values", "none"])
def test_gradle_values_in_doubt(text: str, make: Make) -> None:
    files = make({"build.gradle": text + 'dependencies { implementation "g:a:$v" }'})
    assert said(read_gradle(files, "build.gradle")) == {"g:a": None}
