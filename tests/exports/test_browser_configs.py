"""JBrowse's configuration and WashU's data hub: their structure, and that what they name lies beside them."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pysam
import pytest
from example_run import SIZES, ExampleRun
from run_variants import change_manifest, copy_of_run

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.exports.jbrowse import export_jbrowse
from seq2exp_tracks.exports.request import ExportOptions
from seq2exp_tracks.exports.washu import export_washu
from seq2exp_tracks.io.checksum import sha256_of
from seq2exp_tracks.run_reader import Run

TITLES = [
    "DNase",
    "H3K27ac",
    "Learned mask",
    "Learned mask, sd",
    "Applied mask",
    "Called elements",
    "Elements to genes",
    "Expression, + strand",
    "Expression, - strand",
]


@pytest.fixture(scope="module")
def run(example: ExampleRun, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_of_run(example, tmp_path_factory.mktemp("configs"))


def uris(value: Any) -> Iterator[str]:
    """Every `uri` of a JBrowse configuration."""
    if isinstance(value, dict):
        if "uri" in value:
            yield value["uri"]
        for inner in value.values():
            yield from uris(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from uris(inner)


def location(file: str) -> dict[str, str]:
    return {"uri": file, "locationType": "UriLocation"}


def test_jbrowse_has_an_assembly_of_the_runs_chromosomes_and_a_first_view_of_all_tracks(
    run: Path, tmp_path: Path
) -> None:
    export_jbrowse(run, tmp_path / "out", ExportOptions(signals=True), gene="A10")
    config = json.loads((tmp_path / "out/config.json").read_text())
    assert config["assemblies"] == [
        {
            "name": "simulated",
            "sequence": {
                "type": "ReferenceSequenceTrack",
                "trackId": "simulated_sequence",
                "adapter": {
                    "type": "ChromSizesAdapter",
                    "chromSizesLocation": location("reference/chrom.sizes"),
                },
            },
        }
    ]
    lengths = (tmp_path / "out/reference/chrom.sizes").read_text()
    assert lengths == "".join(f"{chrom}\t{size}\n" for chrom, size in SIZES.items())
    assert [track["name"] for track in config["tracks"]] == ["Genes scored", *TITLES]
    (view,) = config["defaultSession"]["views"]
    assert view["init"] == {
        "assembly": "simulated",
        "loc": "chrA:159940-179939",
        "tracks": [track["trackId"] for track in config["tracks"]],
    }
    assert config["defaultSession"]["name"] == "cells"


def test_jbrowse_gets_each_file_by_the_adapter_of_its_format(run: Path, tmp_path: Path) -> None:
    export_jbrowse(run, tmp_path / "out", ExportOptions())
    config = json.loads((tmp_path / "out/config.json").read_text())
    tracks = {track["trackId"]: track for track in config["tracks"]}
    adapters = {name: (track["type"], track["adapter"]) for name, track in tracks.items()}
    assert adapters["mask"] == (
        "QuantitativeTrack",
        {"type": "BigWigAdapter", "bigWigLocation": location("tracks/mask.bw")},
    )
    assert adapters["elements"] == (
        "FeatureTrack",
        {"type": "BigBedAdapter", "bigBedLocation": location("tracks/elements.bb")},
    )
    assert adapters["links"] == (
        "VariantTrack",
        {"type": "BedpeAdapter", "bedpeLocation": location("tracks/links.bedpe")},
    )
    (display,) = tracks["mask"]["displays"]
    assert (display["minScore"], display["maxScore"]) == (0, 1)
    assert display["renderers"]["XYPlotRenderer"]["color"] == "#D55E00"
    assert {track["assemblyNames"][0] for track in tracks.values()} == {"simulated"}


@pytest.mark.parametrize("sequence", [False, True])
def test_every_file_that_jbrowse_is_told_of_lies_beside_its_configuration(
    run: Path, tmp_path: Path, sequence: bool
) -> None:
    export_jbrowse(run, tmp_path / "out", ExportOptions(signals=True), sequence=sequence)
    named = list(uris(json.loads((tmp_path / "out/config.json").read_text())))
    assert len(named) == (12 if sequence else 11)
    assert [name for name in named if not (tmp_path / "out" / name).is_file()] == []


def test_a_bgzipped_sequence_goes_along_with_both_its_indices(
    run: Path, example: ExampleRun, tmp_path: Path
) -> None:
    zipped = tmp_path / "genome.fa.gz"
    pysam.tabix_compress(str(example.genome.fasta), str(zipped))
    other = copy_of_run(example, tmp_path, name="zipped")
    entry = Run.open(other).input("fasta")
    assert entry is not None
    packed = replace(entry, path=str(zipped), bytes=zipped.stat().st_size, sha256=sha256_of(zipped))
    change_manifest(other, inputs=(packed,))
    export_jbrowse(other, tmp_path / "out", ExportOptions(), sequence=True)
    with pysam.FastaFile(str(tmp_path / "out/reference/genome.fa.gz")) as fasta:
        assert dict(zip(fasta.references, fasta.lengths, strict=True)) == dict(SIZES)
    assert (tmp_path / "out/reference/genome.fa.gz.gzi").is_file()
    config = json.loads((tmp_path / "out/config.json").read_text())
    assert config["assemblies"][0]["sequence"]["adapter"]["type"] == "BgzipFastaAdapter"


def test_washu_shows_every_track_with_its_scale_and_names_files_beside_the_hub(
    run: Path, tmp_path: Path
) -> None:
    export_washu(run, tmp_path / "out", ExportOptions(signals=True))
    hub = json.loads((tmp_path / "out/hub.json").read_text())
    assert [track["name"] for track in hub] == TITLES
    assert [track["type"] for track in hub] == [*["bigwig"] * 5, "bigbed", "longrange", *["bigwig"] * 2]
    assert [track["name"] for track in hub if not (tmp_path / "out" / track["url"]).is_file()] == []
    assert all(track["showOnHubLoad"] is True for track in hub)
    mask = hub[2]["options"]
    assert mask == {
        "color": "#D55E00",
        "height": 60,
        "aggregateMethod": "MAX",
        "yScale": "fixed",
        "yMin": 0,
        "yMax": 1,
    }
    assert hub[0]["options"]["yScale"] == "auto"


def test_washus_links_are_read_by_their_index(run: Path, tmp_path: Path) -> None:
    export_washu(run, tmp_path / "out", ExportOptions())
    with pysam.TabixFile(str(tmp_path / "out/tracks/links.longrange.gz")) as file:
        lines = sum(1 for chrom in file.contigs for _ in file.fetch(chrom))
    assert lines == 2 * Run.open(run).link_table().num_rows


def test_a_sequence_that_is_gone_is_told(run: Path, example: ExampleRun, tmp_path: Path) -> None:
    other = copy_of_run(example, tmp_path)
    change_manifest(other, inputs=())
    with pytest.raises(InputError, match="its manifest names no FASTA; give the browser's name"):
        export_jbrowse(other, tmp_path / "out", ExportOptions(), sequence=True)
    assert not (tmp_path / "out").exists()
