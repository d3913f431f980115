"""What command lines write, as far as they are written out."""

from __future__ import annotations

import pytest

from lmi_lint.knowledge.load import load
from lmi_lint.knowledge.query import KnowledgeBase
from lmi_lint.link import texts
from lmi_lint.link.commands import of_line, split
from lmi_lint.link.heap import Gap
from lmi_lint.packs import rules_root

CALL = Gap("unique", "call")
SHELL = load("shell", [rules_root()])
KNOWLEDGE = KnowledgeBase(SHELL, SHELL.programs)


def shown(words):
    return [texts.show(word) for word in words]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (("ls -l /tmp",), ["ls", "-l", "/tmp"]),
        (("a  'b c' \"d e\" f\\ g",), ["a", "b c", "d e", "f g"]),
        (("a>b 2>>c 2>&1",), ["a", ">", "b", "2>>", "c", "2>&1"]),
        (("a&&b;c|d||e\nf",), ["a", "&&", "b", ";", "c", "|", "d", "||", "e", "\n", "f"]),
        (("cp ", CALL, ".txt /tmp/", CALL), ["cp", "….txt", "/tmp/…"]),
        (("rm v1.2 'a;b'",), ["rm", "v1.2", "a;b"]),
        (("'it is open",), ["it is open"]),
        ((), []),
    ],
)
def test_words(line, words) -> None:
    assert shown(split(line)) == words


@pytest.mark.parametrize(
    ("line", "written"),
    [
        ("rm -rf /tmp/*", [("file.delete", "/tmp/*")]),
        ("cat /tmp/a", []),
        ("cat /tmp/a > /tmp/b", [("file.write", "/tmp/b")]),
        ("source /tmp/env && ls /tmp", []),
        ("mkdir -p /tmp/a /tmp/b", [("file.mkdir", "/tmp/a"), ("file.mkdir", "/tmp/b")]),
        ("cp -r /opt/a /tmp/b", [("file.write", "/tmp/b")]),
        ("cp /opt/a.txt /tmp/", [("file.write", "/tmp/a.txt")]),
        ("mv /tmp/a /opt/b", [("file.write", "/opt/b"), ("file.delete", "/tmp/a")]),
        ("tar xzf /opt/a.tgz -C /tmp/a", [("file.write", "/tmp/a")]),
        ("tar czf /tmp/a.tgz /opt", [("file.write", "/tmp/a.tgz")]),
        ("unzip -o /opt/a.zip -d /tmp/a", [("file.write", "/tmp/a")]),
        ("zip -r /tmp/a.zip /opt", [("file.write", "/tmp/a.zip")]),
        ("pip install boto3 -t /tmp/lib", [("file.write", "/tmp/lib")]),
        ("/var/lang/bin/python3 -m pip install boto3 --target=/tmp/lib", [("file.write", "/tmp/lib")]),
        ("curl -s -o /tmp/a https://example.com", [("file.write", "/tmp/a")]),
        ("ffmpeg -i /tmp/in.mp4 -vf scale=1 /tmp/out.mp4", [("file.write", "/tmp/out.mp4")]),
        ("ffmpeg -i /tmp/in.mp4", []),
        ("git clone https://example.com/a.git /tmp/a", [("file.write", "/tmp/a")]),
        (
            "sudo LANG=C bash -c 'touch /tmp/a; echo x | tee /tmp/b'",
            [("file.write", "/tmp/a"), ("file.write", "/tmp/b")],
        ),
        ("grep -o /tmp/words /tmp/text", []),
        ("frobnicate /tmp/a", []),
        ("frobnicate --output /tmp/a", [("file.write", "/tmp/a")]),
        ("", []),
    ],
)
def test_what_is_written(line, written) -> None:
    assert [(each.role, texts.show(each.path)) for each in of_line(KNOWLEDGE, split((line,)))] == written
