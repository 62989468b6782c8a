"""`seq2exp-tracks export` as a user types it."""

import json
from pathlib import Path

import pytest
from playground import Playground, Run

KINDS = {
    "hub": "hub.txt",
    "igv": "session.xml",
    "jbrowse": "config.json",
    "washu": "hub.json",
}


@pytest.mark.parametrize("kind", [*KINDS, "html"])
def test_an_export_says_what_it_made_and_how_to_open_it(
    inside: Run, playground: Playground, tmp_path: Path, kind: str
) -> None:
    out = tmp_path / ("report.html" if kind == "html" else "out")
    done = inside("export", kind, playground.demo.run, "--out", out)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{out}: ")
    assert KINDS.get(kind, out.name) in done.stdout
    assert (out if kind == "html" else out / KINDS[kind]).stat().st_size > 0
    assert done.stdout.split("\n\n")[1].strip()
    again = inside("export", kind, playground.demo.run, "--out", out)
    assert again.returncode == 1
    assert again.stderr.count("\n") == 1
    assert "--overwrite" in again.stderr
    assert inside("export", kind, playground.demo.run, "--out", out, "--overwrite").returncode == 0
    assert [path.name for path in tmp_path.iterdir()] == [out.name]


def test_a_genome_that_ucsc_does_not_have_and_a_missing_contact_are_noted(
    run: Run, playground: Playground, tmp_path: Path
) -> None:
    plain = run("export", "hub", playground.demo.run, "--out", tmp_path / "one")
    assert [line.split(":")[0] for line in plain.stderr.splitlines()] == ["note", "note"]
    assert "the genome 'simulated' is none that UCSC is known to have" in plain.stderr
    told = run(
        *("export", "hub", playground.demo.run, "--out", tmp_path / "two"),
        *("--assembly", "hg38", "--email", "me@lab.org", "--name", "K562"),
    )
    assert told.stderr == ""
    text = (tmp_path / "two/hub.txt").read_text()
    assert "\ngenome hg38\n" in text
    assert "\nemail me@lab.org\n" in text
    assert text.startswith("hub K562\nshortLabel Seq2Exp K562\n")


def test_sessions_can_name_their_files_by_the_address_of_the_folder(
    inside: Run, playground: Playground, tmp_path: Path
) -> None:
    done = inside(
        *("export", "igv", playground.demo.run, "--out", tmp_path / "out", "--gene", "B05"),
        *("--url", "https://lab.org/k562/", "--files", "symlink"),
    )
    assert done.returncode == 0, done.stderr
    session = json.loads((tmp_path / "out/session.json").read_text())
    assert session["reference"]["fastaURL"] == "https://lab.org/k562/reference/genome.fa"
    assert {track["url"].rpartition("/")[0] for track in session["tracks"]} == {"https://lab.org/k562/tracks"}
    assert session["locus"].startswith("chrB:")
    assert (tmp_path / "out/tracks/mask.bw").is_symlink()


@pytest.mark.parametrize(
    ("folder", "message"),
    [("nothing", "not a run folder"), ("later", "version 9.0 is later"), ("gone", "not there any more")],
)
def test_what_is_no_whole_run_is_told_in_one_line(
    inside: Run, playground: Playground, tmp_path: Path, folder: str, message: str
) -> None:
    place = tmp_path / folder
    place.mkdir()
    manifest = json.loads((playground.demo.run / "manifest.json").read_text())
    if folder == "later":
        manifest["version"] = "9.0"
    if folder != "nothing":
        (place / "manifest.json").write_text(json.dumps(manifest))
    if folder == "gone":
        (place / "genes.parquet").write_bytes((playground.demo.run / "genes.parquet").read_bytes())
    for kind in ("hub", "html"):
        done = inside("export", kind, place, "--out", tmp_path / "out")
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.count("\n") == 1
        assert message in done.stderr
    assert not (tmp_path / "out").exists()
