import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from drawn_manifests import manifests
from hypothesis import given

from seq2exp_tracks.errors import InputError, OutputError
from seq2exp_tracks.genome import ChromSizes
from seq2exp_tracks.manifest import (
    Chromosome,
    FileEntry,
    InputEntry,
    Manifest,
    ModelEntry,
)
from seq2exp_tracks.origin import Origin

MANIFEST = Manifest(
    genome="toy",
    chromosomes=(Chromosome("10", 500), Chromosome("2", 900)),
    model=ModelEntry("soft", 2000, {"d_model": 16}, "/data/model.ckpt", "ab" * 32),
    merge="max",
    n_genes=3,
    files=(
        FileEntry("mask.bw", "bigwig", "track", "Learned score", 431, "cd" * 32, "mask", "probability", 3),
        FileEntry("genes.bed", "bed", "genes", "Genes", 20, "ef" * 32),
    ),
    inputs=(InputEntry("signal:DNase", "/data/dnase.bw", 99, "01" * 32),),
    settings={"top_share": 0.1, "threshold": None},
    versions={"seq2exp-tracks": "0.1.0"},
    notes=("2 genes share TSS and strand with another",),
    created="2026-01-01T00:00:00+00:00",
    command="seq2exp-tracks score",
    host="here",
    run_id="0123456789ab",
    cells="K562",
)


@given(manifest=manifests)
def test_what_is_written_is_read_back(manifest: Manifest, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("run")
    manifest.write(folder / "manifest.json")
    assert Manifest.read(folder) == manifest
    assert Manifest.read(folder / "manifest.json") == manifest


def test_the_file_says_what_it_is_and_keeps_the_order_of_the_chromosomes(tmp_path: Path) -> None:
    MANIFEST.write(tmp_path / "manifest.json")
    content = json.loads((tmp_path / "manifest.json").read_text())
    assert (content["format"], content["version"]) == ("seq2exp-tracks run", "1.3")
    assert content["chromosomes"] == [{"name": "10", "length": 500}, {"name": "2", "length": 900}]
    assert list(Manifest.read(tmp_path).sizes.items()) == list(ChromSizes({"10": 500, "2": 900}).items())


def changed(folder: Path, **fields: Any) -> Path:
    """A manifest with some fields changed; those set to `...` are left out."""
    path = folder / "manifest.json"
    MANIFEST.write(path)
    content = json.loads(path.read_text()) | fields
    path.write_text(json.dumps({name: value for name, value in content.items() if value is not ...}))
    return folder


def test_fields_of_a_later_minor_version_are_passed_over(tmp_path: Path) -> None:
    run = changed(tmp_path, version="1.7", provenance={"new": True})
    assert Manifest.read(run).files == MANIFEST.files


# As runs of these versions hold it: 1.0 lists no links, neither has an id.
OLDER = """{
  "format": "seq2exp-tracks run",
  "genome": "toy",
  "chromosomes": [{"name": "chr2", "length": 900}],
  "model": {
    "setting": "hard", "window": 2000, "config": {"d_model": 16}, "checkpoint": "/data/m.ckpt", "sha256": "ab"
  },
  "merge": "nearest",
  "n_genes": 1,
  "files": [
    {
      "path": "mask.bw", "kind": "bigwig", "content": "track", "description": "Learned score",
      "bytes": 431, "sha256": "cd", "track": "mask", "unit": "probability", "decimals": 3, "gene_id": null
    },
    {
      "path": "%s", "kind": "%s", "content": "%s", "description": "A table",
      "bytes": 20, "sha256": "ef", "track": null, "unit": null, "decimals": null, "gene_id": null
    }
  ],
  "inputs": [{"role": "fasta", "path": "/data/toy.fa", "bytes": 99, "sha256": "01"}],
  "settings": {"elements": {"top_share": null, "threshold": 0.5, "gap": 100, "min_length": 50}},
  "versions": {"seq2exp-tracks": "0.1.0"},
  "notes": [],
  "created": "2026-01-01T00:00:00+00:00",
  "command": "seq2exp-tracks score",
  "host": "here",
  "version": "%s"
}
"""


@pytest.mark.parametrize(
    ("version", "file"),
    [("1.0", ("elements.bed", "bed", "elements")), ("1.1", ("links.bedpe", "bedpe", "links"))],
)
def test_the_manifests_of_older_versions_are_read(
    tmp_path: Path, version: str, file: tuple[str, str, str]
) -> None:
    (tmp_path / "manifest.json").write_text(OLDER % (*file, version))
    assert Manifest.read(tmp_path) == Manifest(
        genome="toy",
        chromosomes=(Chromosome("chr2", 900),),
        model=ModelEntry("hard", 2000, {"d_model": 16}, "/data/m.ckpt", "ab"),
        merge="nearest",
        n_genes=1,
        files=(
            FileEntry("mask.bw", "bigwig", "track", "Learned score", 431, "cd", "mask", "probability", 3),
            FileEntry(*file, "A table", 20, "ef"),
        ),
        inputs=(InputEntry("fasta", "/data/toy.fa", 99, "01"),),
        settings={"elements": {"top_share": None, "threshold": 0.5, "gap": 100, "min_length": 50}},
        versions={"seq2exp-tracks": "0.1.0"},
        created="2026-01-01T00:00:00+00:00",
        command="seq2exp-tracks score",
        host="here",
        run_id="",
        version=version,
    )
    assert Manifest.read(tmp_path).origin is None


def test_a_manifest_of_the_version_before_names_no_cells(tmp_path: Path) -> None:
    run = changed(tmp_path, version="1.2", cells=...)
    assert Manifest.read(run) == replace(MANIFEST, version="1.2", cells="")


@pytest.mark.parametrize(
    ("cells", "name", "heading"),
    [("K562", "run", "K562 (run)"), ("K562", "K562", "K562"), ("", "run", "run")],
)
def test_a_page_is_headed_by_the_cells_and_the_name_of_the_run(cells: str, name: str, heading: str) -> None:
    assert replace(MANIFEST, cells=cells).heading(name) == heading


def test_files_are_told_what_the_manifest_says() -> None:
    assert MANIFEST.origin == Origin("0123456789ab", "", "soft", "max", "ab" * 32, "0.1.0")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"version": "2.0"}, "version 2.0 is later than 1.3, which this seq2exp-tracks reads; upgrade it"),
        ({"version": "later"}, "its version 'later' is not a version"),
        ({"format": "something else"}, "not the manifest of a run"),
        ({"merge": ...}, "damaged manifest (no 'merge')"),
        ({"n_genes": "many"}, "damaged manifest (n_genes is 'many')"),
        ({"files": [{"path": "mask.bw"}]}, "damaged manifest (no 'kind')"),
        ({"files": {}}, "damaged manifest (files is {})"),
        ({"inputs": [3]}, "damaged manifest"),
        ({"chromosomes": [{"name": "1", "length": "long"}]}, "damaged manifest (length is 'long')"),
    ],
)
def test_what_cannot_be_read_is_one_line(tmp_path: Path, fields: dict[str, object], message: str) -> None:
    with pytest.raises(InputError) as caught:
        Manifest.read(changed(tmp_path, **fields))
    assert str(caught.value).startswith(f"{tmp_path / 'manifest.json'}: ")
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("path", ["../mask.bw", "/etc/passwd", "a/../../b", "", "."])
def test_files_outside_the_folder_are_refused(tmp_path: Path, path: str) -> None:
    entry = {"path": path, "kind": "bigwig", "content": "track", "description": "", "bytes": 1, "sha256": ""}
    with pytest.raises(InputError, match="does not lie inside the run's folder"):
        Manifest.read(changed(tmp_path, files=[entry]))


@pytest.mark.parametrize("text", ["", "{", "[1]", "[" * 100_000, "\udcff"])
def test_a_damaged_file_is_one_line(tmp_path: Path, text: str) -> None:
    (tmp_path / "manifest.json").write_text(text, errors="surrogateescape")
    with pytest.raises(InputError, match=r"manifest\.json: (cannot be read|not the manifest)"):
        Manifest.read(tmp_path)


def test_a_folder_without_a_manifest_is_not_a_run(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"not a run folder \(no manifest\.json\)"):
        Manifest.read(tmp_path)


def test_a_full_disk_is_one_line() -> None:
    with pytest.raises(OutputError, match=r"^/dev/full: cannot be written"):
        MANIFEST.write(Path("/dev/full"))
