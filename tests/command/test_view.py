"""`view` from end to end: what it prints, where it opens, how it stops, and one line for every mistake."""

import json
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import higlass as hg
import pytest
from playground import COMMAND, Playground, Run


@dataclass
class Served:
    """A running `view`: its process, and the address that it printed."""

    process: "subprocess.Popen[str]"
    address: str

    def get(self, path: str) -> Any:
        with urllib.request.urlopen(self.address + path, timeout=20) as answer:
            return json.loads(answer.read())


@contextmanager
def viewing(*arguments: str | Path, environment: dict[str, str] | None = None) -> Iterator[Served]:
    process = subprocess.Popen(
        [COMMAND, "view", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | (environment or {}),
    )
    assert process.stdout is not None
    try:
        address, _, hint = process.stdout.readline().rstrip("\n").partition(" ")
        # A page that could not be opened has said why; the tests below read it.
        assert hint == ("(Ctrl-C stops it)" if address else "")
        yield Served(process, address)
    finally:
        process.kill()
        process.communicate()


@pytest.fixture(scope="module")
def demo_run(playground: Playground) -> Path:
    return playground.demo.run


def one_line(done: "subprocess.CompletedProcess[str]") -> str:
    """The message of a mistake."""
    assert done.returncode == 1
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith("Error: ")
    return line.removeprefix("Error: ")


def test_the_address_is_printed_when_it_answers_and_ctrl_c_stops_it_cleanly(demo_run: Path) -> None:
    with viewing(demo_run, "--gene", "A10", "--no-browser") as served:
        assert served.address.startswith("http://127.0.0.1:")
        assert served.get("api/page.json")["start"] == {"view": "gene", "gene": "SIMG00010", "region": None}
        # A browser keeps its connection; that must not keep the server.
        with socket.create_connection(("127.0.0.1", int(served.address.rstrip("/").rpartition(":")[2]))):
            served.process.send_signal(signal.SIGINT)
            out, err = served.process.communicate(timeout=20)
    assert (served.process.returncode, out) == (0, "")
    assert "Traceback" not in err
    assert "interrupted" not in err


def test_sigterm_stops_it_cleanly_too(demo_run: Path) -> None:
    with viewing(demo_run, "--no-browser") as served:
        served.process.terminate()
        out, err = served.process.communicate(timeout=20)
    assert (served.process.returncode, out) == (0, "")
    assert "Traceback" not in err


def test_the_browser_is_opened_at_the_address(demo_run: Path, tmp_path: Path) -> None:
    opened = tmp_path / "opened"
    browser = tmp_path / "browser.sh"
    browser.write_text(f'#!/bin/sh\necho "$1" > {opened}.part && mv {opened}.part {opened}\n')
    browser.chmod(0o755)
    with viewing(demo_run, environment={"BROWSER": str(browser)}) as served:
        for _ in range(200):
            if opened.exists():
                break
            time.sleep(0.05)
        assert opened.read_text().strip() == served.address


def test_runs_are_compared_where_two_are_named(demo_run: Path, tmp_path: Path) -> None:
    other = shutil.copytree(demo_run, tmp_path / "other")
    with viewing(demo_run, other, "--region", "chrB:1-20,000", "--no-browser") as served:
        start = served.get("api/page.json")["start"]
        assert start == {"view": "compare", "gene": None, "region": "chrB:1-20,000"}


def test_the_view_s_config_is_written_and_nothing_served(inside: Run, demo_run: Path, tmp_path: Path) -> None:
    out = tmp_path / "view.json"
    done = inside("view", demo_run, "--gene", "A10", "--write-viewconf", out)
    assert (done.returncode, done.stdout) == (0, f"{out} written\n")
    config = hg.Viewconf.model_validate_json(out.read_text())
    assert config.views[0].uid == "gene"
    assert '"server": "api/v1"' in out.read_text()
    again = tmp_path / "again.json"
    inside("view", demo_run, "--gene", "A10", "--write-viewconf", again)
    assert again.read_bytes() == out.read_bytes()


def test_a_config_that_cannot_be_written_is_one_line(inside: Run, demo_run: Path, tmp_path: Path) -> None:
    out = tmp_path / "none" / "view.json"
    assert one_line(inside("view", demo_run, "--write-viewconf", out)).startswith(f"{out}: cannot be written")


def test_inputs_that_are_gone_are_told_on_stderr_and_the_rest_is_shown(
    inside: Run, demo_run: Path, tmp_path: Path
) -> None:
    moved = shutil.copytree(demo_run, tmp_path / "moved")
    content = json.loads((moved / "manifest.json").read_text())
    for entry in content["inputs"]:
        entry["path"] = "/nowhere"
    (moved / "manifest.json").write_text(json.dumps(content))
    done = inside("view", moved, "--write-viewconf", tmp_path / "view.json")
    assert done.returncode == 0
    assert done.stderr.splitlines() == [
        "Not shown: DNase: /nowhere is not there; put the bigWig of the run back there",
        "Not shown: H3K27ac: /nowhere is not there; put the bigWig of the run back there",
        "Not shown: Hi-C: /nowhere is not there; show it with --hic FILE",
        "Not shown: Gene annotation: /nowhere is not there; show it with --genes GTF",
    ]


def test_given_genes_and_hic_take_the_place_of_what_is_gone(
    inside: Run, playground: Playground, tmp_path: Path
) -> None:
    moved = shutil.copytree(playground.demo.run, tmp_path / "moved")
    content = json.loads((moved / "manifest.json").read_text())
    content["inputs"] = [
        entry | ({"path": "/nowhere"} if entry["role"] in ("genes", "contacts") else {})
        for entry in content["inputs"]
    ]
    (moved / "manifest.json").write_text(json.dumps(content))
    out = tmp_path / "view.json"
    given = ("--genes", playground.genome.genes, "--hic", playground.genome.contacts)
    done = inside("view", moved, *given, "--gene", "A10", "--write-viewconf", out)
    assert (done.returncode, done.stderr) == (0, "")
    assert '"horizontal-heatmap"' in out.read_text()
    assert "-contact" in out.read_text()


def test_whoever_opens_it_to_others_is_warned(demo_run: Path) -> None:
    with viewing(demo_run, "--host", "0.0.0.0", "--no-browser") as served:
        assert served.address.startswith("http://127.0.0.1:")
        served.process.terminate()
        _, err = served.process.communicate(timeout=20)
    assert "Warning: everybody who can reach 0.0.0.0 can read these runs: there is no password" in err


def test_names_of_proxies_and_web_sites_are_let_in_by_name_only(demo_run: Path) -> None:
    options = ("--allow-host", "hub.example.org", "--allow-origin", "https://igv.org", "--no-browser")
    with viewing(demo_run, *options) as served:
        asked = {"Host": "hub.example.org", "Origin": "https://igv.org"}
        request = urllib.request.Request(served.address + "files/r0/genes.bed", headers=asked)
        with urllib.request.urlopen(request, timeout=20) as answer:
            assert answer.headers["access-control-allow-origin"] == "https://igv.org"


def test_a_folder_without_a_manifest_is_one_line(inside: Run, tmp_path: Path) -> None:
    message = one_line(inside("view", tmp_path, "--no-browser"))
    assert (
        message == f"{tmp_path}: not a run folder (no manifest.json); give the folder that `score` wrote to"
    )


def test_a_manifest_of_a_newer_version_is_one_line(inside: Run, demo_run: Path, tmp_path: Path) -> None:
    newer = shutil.copytree(demo_run, tmp_path / "newer")
    path = newer / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"version": "2.0"}))
    assert "version 2.0 is later than" in one_line(inside("view", newer, "--no-browser"))


def test_a_file_that_is_gone_or_changed_is_one_line(inside: Run, demo_run: Path, tmp_path: Path) -> None:
    broken = shutil.copytree(demo_run, tmp_path / "broken")
    content = bytearray((broken / "mask.bw").read_bytes())
    content[-100] ^= 1
    (broken / "mask.bw").write_bytes(content)
    message = one_line(inside("view", broken, "--no-browser"))
    assert message.startswith(f"{broken / 'mask.bw'}: changed since the run (another SHA-256)")
    (broken / "mask.bw").unlink()
    message = one_line(inside("view", broken, "--no-browser"))
    assert message.startswith(f"{broken / 'mask.bw'}: the manifest lists it, but it is not there")


def test_a_port_in_use_is_one_line(inside: Run, demo_run: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        message = one_line(inside("view", demo_run, "--port", port, "--no-browser"))
    assert message.startswith(f"127.0.0.1:{port}: the port is in use; name another by --port")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--gene", "A1"), "unknown gene 'A1'; did you mean"),
        (("--region", "chrA:399,999-400,001"), "not on chrA, whose bases are 1 to 400,000"),
        (("--region", "chrQ:1-2"), "'chrQ' is no chromosome of the genome; it has chrA, chrB"),
        (("--gene", "A10", "--genome"), "ask for one of them"),
        (("--genes", "/none.gtf"), "/none.gtf: no such file, given by --genes"),
        (("--hic", "/none.hic"), "/none.hic: no such file, given by --hic"),
        (("--port", "70000"), "127.0.0.1:70000: not a port; ports are 0 to 65535"),
        (("--host", "203.0.113.7"), "203.0.113.7:0: cannot be listened on"),
    ],
)
def test_what_cannot_be_shown_is_one_line(
    inside: Run, demo_run: Path, arguments: tuple[str, ...], message: str
) -> None:
    assert message in one_line(inside("view", demo_run, *arguments, "--no-browser"))


def test_a_run_has_to_be_named(inside: Run) -> None:
    done = inside("view")
    assert done.returncode == 2
    assert "Missing argument 'RUN [RUN …]'" in done.stderr


def test_a_page_that_is_not_built_is_noted_and_the_rest_is_served(demo_run: Path) -> None:
    from higlass_views.frontend.bundle import page_is_built

    with viewing(demo_run, "--no-browser") as served:
        assert served.get("api/page.json")["runs"][0]["genome"] == "simulated"
        served.process.terminate()
        _, err = served.process.communicate(timeout=20)
    assert ("the page is not built" in err) is not page_is_built()
