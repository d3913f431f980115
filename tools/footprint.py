"""Measure the memory that importing Python packages adds to a process: the figures of ``[[footprint]]`` in knowledge.

    python tools/footprint.py numpy pandas scikit-learn=sklearn

Each distribution is installed into a folder of its own and imported in a fresh interpreter. Printed is what the
import adds to anonymous resident memory (MiB), the part that processes do not share: pages of libraries that stay
as they are on disk are shared by all processes of a machine and do not count. Linux only, needs pip and an index.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

_PROBE = """
import importlib, sys
sys.path.insert(0, sys.argv[1])
def anonymous():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) / 1024 for line in status if line.startswith("RssAnon"))
before = anonymous()
importlib.import_module(sys.argv[2])
print(round(anonymous() - before))
"""


def measure(distribution: str, module: str) -> tuple[int, str]:
    """Anonymous resident memory added by the import, in MiB, and the installed version. CalledProcessError where the
    distribution cannot be installed or imported."""
    with tempfile.TemporaryDirectory() as folder:
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target", folder]
        subprocess.run([*pip, distribution], check=True, capture_output=True)
        printed = subprocess.run(
            [sys.executable, "-c", _PROBE, folder, module], check=True, capture_output=True, text=True
        ).stdout
        name = distribution.replace("-", "_").lower()
        found = [p.name for p in Path(folder).glob("*.dist-info") if p.name.lower().startswith(f"{name}-")]
        version = found[0].split("-")[1].removesuffix(".dist") if found else "?"
        return int(printed), version


def main() -> None:
    """Print one line per distribution: module, MiB, version."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("distribution", nargs="+", help="name, or name=module where the module is called otherwise")
    for word in parser.parse_args().distribution:
        distribution, _, module = word.partition("=")
        try:
            megabytes, version = measure(distribution, module or distribution.replace("-", "_"))
        except subprocess.CalledProcessError as error:
            reason = (error.stderr or b"").decode() if isinstance(error.stderr, bytes) else error.stderr or ""
            print(f"{word}: {reason.strip().splitlines()[-1:] or error}", file=sys.stderr, flush=True)
            continue
        print(f"{module or distribution}\t{megabytes} MiB\t{version}", flush=True)


if __name__ == "__main__":
    main()
