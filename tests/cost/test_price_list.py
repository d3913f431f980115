"""AWS's price list of EC2, on a small list in its format, and ``lmi-lint prices update``."""

from __future__ import annotations

import csv
import io
import threading
from decimal import Decimal
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from lmi_lint.cli import run_command
from lmi_lint.commands.prices import default_table
from lmi_lint.cost.price_list import as_table, merged, read_price_list
from lmi_lint.cost.prices import read_ec2
from lmi_lint.errors import ConfigError

COLUMNS = (
    "SKU,OfferTermCode,RateCode,TermType,PriceDescription,EffectiveDate,StartingRange,EndingRange,Unit,PricePerUnit,"
    "Currency,RelatedTo,LeaseContractLength,PurchaseOption,OfferingClass,Product Family,serviceCode,Location,"
    "Location Type,Instance Type,Current Generation,Instance Family,vCPU,Physical Processor,Clock Speed,Memory,Storage,"
    "Network Performance,Processor Architecture,Tenancy,Operating System,License Model,usageType,operation,"
    "CapacityStatus,Pre Installed S/W,Region Code"
).split(",")
ORDINARY = {
    "TermType": "OnDemand",
    "Unit": "Hrs",
    "Currency": "USD",
    "Product Family": "Compute Instance",
    "Location Type": "AWS Region",
    "Tenancy": "Shared",
    "Operating System": "Linux",
    "Pre Installed S/W": "NA",
    "CapacityStatus": "Used",
    "Processor Architecture": "64-bit",
    "Region Code": "eu-west-3",
}


def row(kind: str, price: str, **given: str) -> dict[str, str]:
    """A line of the list; keys with _ for a space."""
    processor = "AWS Graviton3 Processor" if "g" in kind.partition(".")[0][2:] else "Intel Xeon Platinum 8488C"
    told = {
        "Instance Type": kind,
        "PricePerUnit": price,
        "vCPU": "2",
        "Memory": "8 GiB",
        "Physical Processor": processor,
    }
    return ORDINARY | told | {key.replace("_", " "): value for key, value in given.items()}


def listing(*rows: dict[str, str]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerows(
        [
            ["FormatVersion", "v1.0"],
            ["Disclaimer", 'For information; "Free Tier" prices\nare subject to terms'],
            ["Publication Date", "2026-11-18T20:11:12Z"],
            ["Version", "20261118201112"],
            ["OfferCode", "AmazonEC2"],
            COLUMNS,
            *([each.get(name, "") for name in COLUMNS] for each in rows),
        ]
    )
    return out.getvalue()


SAMPLE = listing(
    row("m7g.large", "0.0956000000"),
    row("m7g.large", "0.0600000000", TermType="Reserved", LeaseContractLength="1yr", PurchaseOption="No Upfront"),
    row("m7g.large", "0.1956000000", Operating_System="Windows"),
    row("m7g.large", "0.1050000000", Tenancy="Dedicated"),
    row("m7g.large", "0.0000000000", CapacityStatus="AllocatedCapacityReservation"),
    row("m7g.large", "0.5000000000", **{"Pre Installed S/W": "SQL Std"}),
    row("m7g.large", "0.9000000000", Location_Type="AWS Local Zone"),
    row("r7i.48xlarge", "15.7248000000", vCPU="192", Memory="1,536 GiB"),
    row("c7i.metal-24xl", "5.0000000000", Product_Family="Compute Instance (bare metal)"),
    row("t3.large", "0.0944000000"),
    row("c7a.large", "0.0000000000"),
    {"Product Family": "Storage", "TermType": "OnDemand", "Unit": "GB-Mo", "PricePerUnit": "0.0928", "Currency": "USD"},
)


def read(text: str):
    return read_price_list(io.StringIO(text, newline=""), "eu-west-3", "list.csv")


def test_prices_that_count() -> None:
    table = read(SAMPLE)
    assert (table.as_of, table.source) == ("2026-11-18", "list.csv")
    first, second = table.regions["eu-west-3"]
    assert (first.name, first.vcpus, first.memory_gib, first.architecture, first.usd_per_hour, first.basis) == (
        "m7g.large", 2, 8, "arm64", Decimal("0.0956"), "price-list",
    )  # fmt: skip
    assert (second.name, second.vcpus, second.memory_gib, second.architecture) == ("r7i.48xlarge", 192, 1536, "x86_64")


def test_the_table_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "ec2.csv"
    path.write_text(as_table(read(SAMPLE)))
    again = read_ec2(path)
    assert again.regions == read(SAMPLE).regions
    assert (again.as_of, again.source) == ("2026-11-18", "list.csv")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "list.csv: no price list of EC2 as CSV"),
        ("<html>\n" * 100, "list.csv: no price list of EC2 as CSV"),
        (listing(), "list.csv: holds no on-demand price of a C, M or R instance"),
        (SAMPLE.replace('"Tenancy"', '"Tenure"'), "list.csv: the price list has no column 'Tenancy'"),
    ],
)
def test_what_is_no_price_list(text: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(text)
    assert caught.value.message == message


def test_merging_keeps_other_regions_and_the_older_date() -> None:
    new = read(SAMPLE)
    old = read_price_list(io.StringIO(SAMPLE.replace("2026-11-18", "2026-05-01")), "eu-south-2", "old.csv")
    both = merged([new], old)
    assert set(both.regions) == {"eu-west-3", "eu-south-2"}
    assert both.as_of == "2026-05-01"
    assert merged([new], None) == new


class Handler(BaseHTTPRequestHandler):
    """Serves the sample at any path that ends in .csv."""

    def do_GET(self) -> None:
        if not self.path.endswith(".csv"):
            self.send_error(403)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(SAMPLE) + (1000 if "short" in self.path else 0)))
        self.end_headers()
        self.wfile.write(SAMPLE.encode())

    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def server():
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        thread = threading.Thread(target=partial(http.serve_forever, poll_interval=0.02))
        thread.start()
        yield f"http://127.0.0.1:{http.server_port}"
        http.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LMI_LINT_CONFIG_DIR", str(tmp_path / "settings"))
    return tmp_path / "settings" / "ec2.csv"


ONE = ("cost", "--runtime", "java21", "--arch", "arm64", "--region", "eu-west-3")


def test_update_and_use(capsys, server, own_settings) -> None:
    assert run_command(ONE) == 2
    assert "no EC2 prices are known for region eu-west-3" in capsys.readouterr().err
    assert run_command(("prices", "update", "--region", "eu-west-3", "--from", f"{server}/index.csv")) == 0
    said = capsys.readouterr().err
    assert f"wrote {own_settings}: 2 types in eu-west-3 (cost takes them from there)" in said
    assert own_settings == default_table()
    assert run_command(ONE) == 0
    out, err = capsys.readouterr()
    assert f"EC2 prices from {own_settings}" in err
    assert "3 × m7g.large (2 vCPU, 8 GiB, $0.0956 an hour)" in out
    assert f"prices of EC2: eu-west-3, 2026-11-18, {server}/index.csv" in out


def test_update_from_a_file_to_a_file(capsys, tmp_path: Path, own_settings) -> None:
    (tmp_path / "list.csv").write_text(SAMPLE)
    target = tmp_path / "mine.csv"
    update = ("prices", "update", "--from", str(tmp_path / "list.csv"), "--output", str(target))
    assert run_command((*update, "--region", "eu-west-3")) == 0
    assert run_command((*update, "--region", "eu-south-2")) == 0
    assert f"use them with --prices {target}" in capsys.readouterr().err
    assert set(read_ec2(target).regions) == {"eu-south-2", "eu-west-3"}
    assert not own_settings.exists()
    assert run_command((*ONE, "--prices", str(target))) == 0


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/index.json", "/index.json: the server answers 403 Forbidden (is the region spelt right?)"),
        ("/short.csv", "/short.csv: the connection ended 1000 bytes too early (try again)"),
    ],
)
def test_network_errors(capsys, server, own_settings, path: str, message: str) -> None:
    assert run_command(("prices", "update", "--region", "eu-west-3", "--from", server + path)) == 2
    err = capsys.readouterr().err
    assert f"lmi-lint: error: {server}{message}" in err
    assert not own_settings.exists()


def test_nobody_answers(capsys) -> None:
    assert run_command(("prices", "update", "--region", "eu-west-3", "--from", "http://127.0.0.1:9/x.csv")) == 2
    assert "http://127.0.0.1:9/x.csv: cannot be fetched: " in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--region", "Paris"], "--region Paris: no region"),
        (["--region", "eu-west-3", "--region", "eu-west-2", "--from", "x"], "--from is the list of one region"),
        (["--region", "eu-west-3", "--from", "nosuch.csv"], "nosuch.csv: cannot be read: No such file"),
        ([], "Missing option '--region'"),
    ],
)
def test_wrong_arguments(capsys, arguments: list[str], message: str) -> None:
    assert run_command(["prices", "update", *arguments]) == 2
    assert message in capsys.readouterr().err
