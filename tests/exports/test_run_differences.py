"""What two runs were not made alike in is told: weights, inputs, settings that decide results, version."""

from dataclasses import replace
from typing import Any

import pytest

from seq2exp_tracks.exports.run_differences import RunDifference, run_differences
from seq2exp_tracks.manifest import Chromosome, InputEntry, Json, Manifest, ModelEntry

SETTINGS: dict[str, Json] = {
    "contacts": "VC",
    "without": [],
    "clip_negative": False,
    "match_scale": None,
    "gene_types": [],
    "bed_tss": "strand",
    "shared_generator": None,
    "precision_compute": "fp32",
    "elements": {"top_share": 0.1, "threshold": None, "gap": 100, "min_length": 50},
    "resolution": 1,
    "bin_by": "mean",
    "precision": None,
    # What decides nothing that is compared.
    "label_column": "expression",
    "genes": ["MYH9"],
    "device": "auto",
    "kernels": "avx2",
    "remarks": [],
}


def entry(role: str, name: str, digit: str) -> InputEntry:
    return InputEntry(role, f"/somewhere/{name}", 1, digit * 64)


INPUTS = (
    entry("fasta", "hg38.fa.gz", "1"),
    entry("genes", "genes.gtf", "2"),
    entry("signal:DNase", "dnase.bw", "3"),
    entry("contacts", "k562.mcool", "4"),
)
RUN = Manifest(
    genome="hg38",
    chromosomes=(Chromosome("chr1", 1_000),),
    model=ModelEntry("soft", 200_000, {}, "/somewhere/soft.ckpt", "a" * 64),
    merge="max",
    n_genes=1,
    files=(),
    inputs=INPUTS,
    settings=SETTINGS,
    versions={"seq2exp-tracks": "0.1.0", "torch": "2.6", "code": "c0de"},
    created="2026-01-01T00:00:00+00:00",
    command="seq2exp-tracks score",
    host="here",
    cells="K562",
)


def with_inputs(*entries: InputEntry) -> Manifest:
    """The run with other files of these roles."""
    roles = {one.role for one in entries}
    return replace(RUN, inputs=(*(one for one in INPUTS if one.role not in roles), *entries))


def without_contacts(*others: InputEntry) -> Manifest:
    return replace(RUN, inputs=(*INPUTS[:-1], *others))


def with_setting(name: str, value: Json) -> Manifest:
    return replace(RUN, settings=SETTINGS | {name: value})


def test_runs_that_were_made_alike_do_not_differ_wherever_and_whenever_they_were_made() -> None:
    elsewhere = replace(
        RUN,
        inputs=tuple(replace(one, path=f"/elsewhere/copy-of-{one.role}") for one in reversed(INPUTS)),
        model=replace(RUN.model, checkpoint="/elsewhere/other.ckpt"),
        created="2027-01-01T00:00:00+00:00",
        command="make all",
        host="there",
        versions=RUN.versions | {"torch": "2.7"},
        settings=SETTINGS | {"device": "cpu", "kernels": "avx512", "genes": [], "label_column": None},
    )
    assert run_differences(RUN, elsewhere) == ()


@pytest.mark.parametrize(
    ("other", "difference"),
    [
        (
            replace(RUN, model=replace(RUN.model, checkpoint="/x/mine.safetensors", sha256="b" * 64)),
            ("the weights", "soft.ckpt (sha256 aaaaaaaaaaaa)", "mine.safetensors (sha256 bbbbbbbbbbbb)"),
        ),
        (replace(RUN, cells="GM12878"), ("the name of the cells", "K562", "GM12878")),
        (replace(RUN, merge="mean"), ("the rule for bases of several windows", "max", "mean")),
        (
            replace(RUN, model=replace(RUN.model, window=100_000)),
            ("the window", "200,000 bp", "100,000 bp"),
        ),
        (
            with_inputs(entry("signal:DNase", "dnase.bw", "5")),
            ("the signal DNase", "dnase.bw (sha256 333333333333)", "dnase.bw (sha256 555555555555)"),
        ),
        (
            with_inputs(entry("signal:H3K27ac", "h3k27ac.bw", "6")),
            ("the signal H3K27ac", "none", "h3k27ac.bw (sha256 666666666666)"),
        ),
        (
            with_inputs(entry("contacts", "gm.hic", "7")),
            ("the contacts", "k562.mcool (sha256 444444444444)", "gm.hic (sha256 777777777777)"),
        ),
        (
            without_contacts(entry("contacts:chr1", "hic_feat_chr1.h5", "8")),
            ("the contacts", "k562.mcool (sha256 444444444444)", "stored vectors"),
        ),
        (
            with_inputs(entry("fasta", "hg38.fa", "9")),
            ("the sequence", "hg38.fa.gz (sha256 111111111111)", "hg38.fa (sha256 999999999999)"),
        ),
        (with_setting("contacts", "ICE"), ("the normalisation of the contacts", "VC", "ICE")),
        (with_setting("without", ["H3K27ac"]), ("the signals that were not measured", "none", "H3K27ac")),
        (with_setting("clip_negative", True), ("whether negative signal was read as 0", "no", "yes")),
        (
            with_setting("match_scale", {"method": "factor", "signals": {}}),
            ("how signals were brought to the scale of the training", "none", "factor"),
        ),
        (with_setting("gene_types", ["lncRNA"]), ("the biotypes that were taken", "the default", "lncRNA")),
        (with_setting("bed_tss", "middle"), ("where the TSS of a BED row is", "strand", "middle")),
        (
            with_setting("shared_generator", {"passes": 3}),
            ("how windows were computed", "exact windows", "shared passes of the generator"),
        ),
        (with_setting("precision_compute", "bf16"), ("the precision of the arithmetic", "fp32", "bf16")),
        (
            with_setting("elements", {"top_share": None, "threshold": 0.6, "gap": 100, "min_length": 50}),
            (
                "how elements were called",
                "top_share 0.1, gap 100, min_length 50",
                "threshold 0.6, gap 100, min_length 50",
            ),
        ),
        (with_setting("resolution", 10), ("bases a value", "1", "10")),
        (with_setting("bin_by", "max"), ("what a bin holds", "mean", "max")),
        (with_setting("precision", 2), ("the decimals of the tracks", "the default", "2")),
        (
            replace(RUN, versions=RUN.versions | {"seq2exp-tracks": "0.2.0"}),
            ("the version of seq2exp-tracks", "0.1.0", "0.2.0"),
        ),
        (
            replace(RUN, versions=RUN.versions | {"code": "beef"}),
            ("the code of seq2exp-tracks", "c0de", "beef"),
        ),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_each_thing_that_decides_results_is_a_difference(
    other: Manifest, difference: tuple[str, str, str]
) -> None:
    what, ours, theirs = difference
    assert run_differences(RUN, other) == (RunDifference(what, ours, theirs),)
    assert run_differences(other, RUN) == (RunDifference(what, theirs, ours),)


def test_a_run_without_contacts_lacks_the_file_and_not_its_normalisation() -> None:
    other = replace(without_contacts(), settings=SETTINGS | {"contacts": "none"})
    assert run_differences(RUN, other) == (
        RunDifference("the contacts", "k562.mcool (sha256 444444444444)", "none"),
    )


def test_stored_contact_is_compared_on_the_chromosomes_that_both_runs_read() -> None:
    def stored(**digits: str) -> Manifest:
        entries = (entry(f"contacts:{name}", f"{name}.h5", digit) for name, digit in digits.items())
        return without_contacts(*entries)

    first = stored(chr1="1", chr2="2", chr3="3")
    assert run_differences(first, stored(chr2="2", chr4="4")) == ()
    assert run_differences(first, stored(chr1="5", chr2="6", chr4="4")) == (
        RunDifference(
            "the stored contact of chr1, chr2",
            "chr1.h5 (sha256 111111111111)",
            "chr1.h5 (sha256 555555555555)",
        ),
    )


@pytest.mark.parametrize(
    "older", [{"settings": {}}, {"versions": {}}, {"cells": ""}], ids=lambda older: next(iter(older))
)
def test_what_an_earlier_version_did_not_tell_is_no_difference(older: dict[str, Any]) -> None:
    assert run_differences(replace(RUN, **older), RUN) == ()


def test_a_difference_is_told_in_one_line() -> None:
    assert str(RunDifference("the window", "400 bp", "300 bp")) == (
        "the runs differ in the window: 400 bp in A, 300 bp in B"
    )
