"""Names in Python: imports relative to the package."""

from __future__ import annotations

import pytest

from tests.link.linking import library_calls, link_one

TEMPLATE = """\
Transform: AWS::Serverless-2016-10-31
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties: {Runtime: python3.13, Handler: shop.app.handler, CodeUri: .}
"""


@pytest.mark.parametrize(
    ("head", "call"),
    [
        ("from . import helper", "helper.save"),
        ("from . import helper as other", "other.save"),
        ("from .helper import save", "save"),
        ("from shop import helper", "helper.save"),
        ("import shop.helper", "shop.helper.save"),
    ],
)
def test_modules_of_a_package(tmp_path, head, call) -> None:
    files = {
        "template.yaml": TEMPLATE,
        "shop/__init__.py": "",
        "shop/helper.py": "import os\n\n\ndef save(text):\n    os.putenv('LAST', text)\n",
        "shop/app.py": f"{head}\n\n\ndef handler(event, context):\n    {call}(event['text'])\n",
    }
    assert library_calls(link_one(tmp_path, files)) == ["os.putenv"]
