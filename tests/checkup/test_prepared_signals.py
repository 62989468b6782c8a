"""Of signals that `prepare` made `doctor` knows what they are, and mistrusts them only for a reason."""

import json
import shutil
from pathlib import Path

import pytest
from checked_inputs import CONFIG, Checked, write_plain_checkpoint
from small_files import write_bigwig

from seq2exp_tracks.checkpoints import load_checkpoint, read_scales, save_checkpoint
from seq2exp_tracks.checkup.signal_files import describe, facts_of
from seq2exp_tracks.genome import ChromSizes, Gene, Strand
from seq2exp_tracks.io.bigwig import BigWig
from seq2exp_tracks.io.fasta import Fasta
from seq2exp_tracks.io.genes import read_genes
from seq2exp_tracks.pipeline.matching import measured_windows
from seq2exp_tracks.preparation.counting import Counting, Scale, counting_for
from seq2exp_tracks.preparation.record import CountedSignal, read_counted
from seq2exp_tracks.preparation.request import PrepareRequest
from seq2exp_tracks.preparation.run import prepare
from seq2exp_tracks.scales import ScaleMap, measure
from seq2exp_tracks.signals import BigWigSignal
from seq2exp_tracks.windows import Window

CUTS = "5' cuts, 150 bp around each, mapping quality 30 and more"
SCALES: tuple[Scale, ...] = ("rpm", "fold", "raw")
MATCH = "or score with --match-scale factor or quantile (docs/doctor.md)"


@pytest.fixture(scope="module")
def cells(good: Checked, tmp_path_factory: pytest.TempPathFactory) -> dict[Scale, Path]:
    """Cells of the simulated reads of DNase on each scale; their H3K27ac is given as a bigWig."""
    genome, folder = good.genome, tmp_path_factory.mktemp("prepared")
    made = {}
    for scale in SCALES:
        request = PrepareRequest(
            out=folder / scale,
            name="mine",
            fasta=genome.fasta,
            genes=genome.genes,
            half_life=genome.features,
            genome="sim",
            bam={"DNase": genome.reads},
            signals={"H3K27ac": genome.h3k27ac},
            contacts=genome.contacts,
            scales={"DNase": scale},
        )
        made[scale] = prepare(request).cells
    return made


def of_dnase(good: Checked, cells: Path, **changes: object) -> list[str]:
    """What is said of DNase's scale; no line where that is nothing but good."""
    given = {"signals": {}, "contacts": None, "cells": cells, "features": good.genome.features}
    found = good.find(**given | changes)
    return [str(one) for one in found if one.section == "signals" and one.what.startswith("DNase is")]


def trained_on(good: Checked, cells: Path, path: Path, times: float = 1.0) -> Path:
    """A checkpoint that was trained on the DNase of some cells, or on as many times that."""
    sizes = Fasta(good.genome.fasta).sizes
    signal = BigWigSignal("DNase", BigWig(cells.parent / "DNase.bw", sizes))
    windows = measured_windows([signal], read_genes(good.genome.genes, sizes).genes, CONFIG.window, sizes)
    scales = read_scales(good.checkpoint)
    assert scales is not None
    scales["DNase"] = measure(signal.read, windows).mapped(ScaleMap((1.0,), (times,)))
    save_checkpoint(load_checkpoint(good.checkpoint), path, scales)
    return path


@pytest.mark.parametrize(
    ("counting", "words"),
    [
        (counting_for("DNase", atac=False), f"RPM by prepare: {CUTS}"),
        (
            counting_for("DNase", atac=True, min_mapq=10),
            "RPM by prepare: 5' cuts shifted by +4/-5 bp, 150 bp around each, mapping quality 10 and more",
        ),
        (
            counting_for("H3K27ac", atac=False),
            "fold over the genome's mean by prepare: fragments, single reads extended to 200 bp, mapping "
            "quality 30 and more",
        ),
        (
            Counting(count="read", scale="raw", min_mapq=0),
            "raw counts by prepare: reads, mapping quality 0 and more",
        ),
    ],
)
def test_how_reads_were_counted_is_told_in_words(counting: Counting, words: str) -> None:
    assert str(CountedSignal(counting, {counting.scale: 1.0})) == words


def test_the_record_tells_how_a_bigwig_was_counted_and_what_other_scales_would_give(
    cells: dict[Scale, Path],
) -> None:
    records = {scale: json.loads((cells[scale].parent / "prepare.json").read_text()) for scale in SCALES}
    factors = {scale: records[scale]["signals"]["DNase"]["factor"] for scale in SCALES}
    assert factors["raw"] == 1
    assert factors["rpm"] == 1e6 / records["raw"]["signals"]["DNase"]["counted"]
    for scale in SCALES:
        folder = cells[scale].parent
        counting = Counting(count="cut", extend=150, scale=scale)
        assert read_counted(folder) == {folder / "DNase.bw": CountedSignal(counting, factors)}


@pytest.mark.parametrize(
    "text",
    [
        "no json",
        "[]",
        '{"format": "another", "signals": {}}',
        '{"format": "seq2exp-tracks prepared cells"}',
        '{"format": "seq2exp-tracks prepared cells", "signals": {"DNase": 1}}',
        '{"format": "seq2exp-tracks prepared cells", "signals": {"DNase": {"counting": {"count": "all", '
        '"shift": [0, 0]}, "factor": 1}}}',
        '{"format": "seq2exp-tracks prepared cells", "signals": {"DNase": {"counting": {"scale": "rpm", '
        '"shift": [0, 0]}, "factor": -1}}}',
    ],
)
def test_a_record_that_cannot_be_read_tells_nothing(tmp_path: Path, text: str) -> None:
    assert read_counted(tmp_path) == {}
    (tmp_path / "prepare.json").write_text(text)
    assert read_counted(tmp_path) == {}


def test_a_record_without_the_other_scales_tells_its_own(cells: dict[Scale, Path], tmp_path: Path) -> None:
    record = json.loads((cells["rpm"].parent / "prepare.json").read_text())
    del record["signals"]["DNase"]["factors"]
    (tmp_path / "prepare.json").write_text(json.dumps(record))
    (found,) = read_counted(tmp_path).values()
    assert found.factors == {"rpm": record["signals"]["DNase"]["factor"]}


@pytest.mark.parametrize(
    ("scale", "is_"),
    [("rpm", "RPM"), ("fold", "fold over the genome's mean"), ("raw", "raw counts")],
)
def test_a_prepared_signal_is_called_what_it_is_and_not_what_it_looks_like(
    good: Checked, cells: dict[Scale, Path], scale: Scale, is_: str
) -> None:
    found = good.find(signals={}, contacts=None, cells=cells[scale], checkpoint=None)
    told = {
        finding.what.partition(":")[0]: finding for finding in found if "of bases above 0" in finding.what
    }
    assert {finding.level for finding in told.values()} == {"ok"}
    assert told["DNase"].what.endswith(f"; {is_} by prepare: {CUTS}")
    assert told["H3K27ac"].what.endswith("; looks like fold change over control")


def test_where_the_checkpoint_does_not_tell_its_scales_only_raw_counts_are_remarked(
    good: Checked, cells: dict[Scale, Path], tmp_path: Path
) -> None:
    plain = write_plain_checkpoint(tmp_path / "plain.safetensors")
    assert of_dnase(good, cells["rpm"], checkpoint=plain) == []
    assert of_dnase(good, cells["fold"], checkpoint=plain) == []
    assert of_dnase(good, cells["raw"], checkpoint=plain) == [
        f"note  DNase is raw counts by prepare: {CUTS}, and the checkpoint does not tell whether it was "
        "trained on such  →  if it was not, prepare again with --scale DNase=rpm"
    ]


def test_where_it_is_known_what_the_checkpoint_was_trained_on_other_scales_are_a_warning(
    good: Checked, cells: dict[Scale, Path], tmp_path: Path
) -> None:
    plain = write_plain_checkpoint(tmp_path / "plain.safetensors")
    known = {"checkpoint": plain, "trained_on": {"DNase": "ENCFF414OGC.bigWig"}}
    assert of_dnase(good, cells["rpm"], **known) == []
    for scale, is_ in (("raw", "raw counts"), ("fold", "fold over the genome's mean")):
        assert of_dnase(good, cells[scale], **known) == [
            f"warn  DNase is {is_} by prepare: {CUTS}; the checkpoint was trained on ENCFF414OGC.bigWig  →  "
            "prepare again with --scale DNase=rpm, which stands in for it"
        ]


def test_a_prepared_signal_on_the_scale_of_the_training_is_good_also_as_raw_counts(
    good: Checked, cells: dict[Scale, Path], tmp_path: Path
) -> None:
    checkpoint = trained_on(good, cells["raw"], tmp_path / "raw.safetensors")
    (line,) = of_dnase(good, cells["raw"], checkpoint=checkpoint)
    assert line.startswith("ok    DNase is on the scale of the training (1 times): ")


def test_the_way_out_of_another_scale_is_the_scale_of_prepare_that_is_the_trainings(
    good: Checked, cells: dict[Scale, Path], tmp_path: Path
) -> None:
    checkpoint = trained_on(good, cells["fold"], tmp_path / "fold.safetensors", times=1.25)
    (line,) = of_dnase(good, cells["rpm"], checkpoint=checkpoint)
    what, _, way_out = line.partition("  →  ")
    assert what.startswith("bad   DNase is ")
    assert f" times the scale of the training (it is RPM by prepare: {CUTS}): median" in what
    assert way_out == (
        f"prepare again with --scale DNase=fold, which makes it 0.8 times that of the training; {MATCH}"
    )


def test_where_no_scale_of_prepare_is_the_trainings_its_counting_is_the_way_out(
    good: Checked, cells: dict[Scale, Path], tmp_path: Path
) -> None:
    checkpoint = trained_on(good, cells["rpm"], tmp_path / "many.safetensors", times=1_000)
    (line,) = of_dnase(good, cells["rpm"], checkpoint=checkpoint)
    assert line.partition("  →  ")[2] == (
        f"prepare again with the --count, --extend and --scale of the training's DNase; {MATCH}"
    )


def test_a_bigwig_that_took_the_place_of_the_prepared_one_is_judged_by_its_shape(
    good: Checked, cells: dict[Scale, Path], tmp_path: Path
) -> None:
    folder = shutil.copytree(cells["rpm"].parent, tmp_path / "cells")
    shutil.copy(good.genome.dnase, folder / "DNase.bw")
    found = good.find(signals={}, contacts=None, cells=folder / "cells.toml", checkpoint=None)
    factor = json.loads((folder / "prepare.json").read_text())["signals"]["DNase"]["factor"]
    assert (
        f"warn  {folder / 'DNase.bw'}: not what prepare wrote, whose values are multiples of {factor:.4g} "
        "(prepare.json)  →  prepare again, or give the file by --signal DNase=FILE"
    ) in map(str, found)
    (told,) = [finding.what for finding in found if finding.what.startswith("DNase: ")]
    assert told.endswith("; looks like fold change over control")


def test_a_signal_that_is_given_beside_the_cells_is_none_of_prepare(
    good: Checked, cells: dict[Scale, Path]
) -> None:
    found = good.find(signals={"DHS": good.genome.dnase}, contacts=None, cells=cells["rpm"], checkpoint=None)
    (told,) = [finding.what for finding in found if finding.what.startswith("DHS: ")]
    assert told.endswith("; looks like fold change over control")


def test_a_prepared_signal_of_few_reads_is_not_taken_for_peaks(tmp_path: Path) -> None:
    sizes = ChromSizes({"chr1": 5_000})
    path = write_bigwig(tmp_path / "a.bw", sizes, [("chr1", 0, 10, 2.0), ("chr1", 10, 5_000, 0.0)])
    signal = BigWigSignal("DNase", BigWig(path, sizes))
    windows = [Window.around(Gene("a", "", "chr1", 2_500, Strand.PLUS), 5_000, 5_000)]
    counted = CountedSignal(counting_for("DNase", atac=False), {"rpm": 1.0})
    facts = facts_of(signal, measure(signal.read, windows), windows, counted)
    assert str(describe(facts)[1]) == (
        "warn  DNase is 0 at 99.8% of bases  →  use a deeper experiment, or prepare again with a larger "
        "--extend DNase=BP"
    )
