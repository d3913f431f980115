"""The words of messages."""

from __future__ import annotations

import pytest

from lmi_lint.checks.words import with_article


@pytest.mark.parametrize(
    "read",
    [
        "an ArrayList",
        "a Dictionary",
        "an MD5",
        "a SHA256",
        "an HMACSHA256",
        "a HashMap",
        "an HttpClient",
        "an XmlReader",
        "an IDictionary",
        "a Utf8JsonWriter",
        "a Uri",
        "an UnsafeList",
        "an X509Store",
        "a JSONObject",
    ],
)
def test_article(read: str) -> None:
    assert with_article(read.partition(" ")[2]) == read
