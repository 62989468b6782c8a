"""What may be compared, and on what."""

import json
from pathlib import Path

import pytest
from small_comparison import give_peaks, small_comparison

from seq2exp_tracks.comparison import called_peaks
from seq2exp_tracks.comparison.cases import cases_of
from seq2exp_tracks.comparison.methods import Method, chosen, names
from seq2exp_tracks.comparison.protocol import NAME, take_place
from seq2exp_tracks.comparison.request import CompareRequest, OwnData, SimulatedData
from seq2exp_tracks.comparison.run import compare
from seq2exp_tracks.comparison.steps import train_request
from seq2exp_tracks.errors import InputError
from seq2exp_tracks.evaluation import peaks
from seq2exp_tracks.progress import Silent
from seq2exp_tracks.resources.registry import GenomeEntry
from seq2exp_tracks.training.settings import Setting

OWN = OwnData(
    inputs={
        "genome": GenomeEntry("toy", Path("toy.fa"), Path("toy.gtf")),
        "labels": (Path("labels.tsv"),),
        "contacts": Path("hic.cool"),
    },
    peaks=Path("toy.narrowPeak"),
    truth=Path("truth.bed"),
)


def test_every_setting_of_train_is_a_method_but_that_of_a_given_mask() -> None:
    assert set(names()) == {str(setting) for setting in Setting} - {"fixed"} | {"macs3", "retrain"}


def test_the_method_that_reads_anothers_mask_is_trained_last() -> None:
    assert chosen(["retrain", "macs3", "soft"]) == (
        Method("macs3", Setting.FIXED),
        Method("soft", Setting.SOFT),
        Method("retrain", Setting.FIXED),
    )


def test_every_data_set_is_a_case_with_every_seed() -> None:
    request = CompareRequest(
        data=SimulatedData(settings=("default", "promoter-only")), out=Path("out"), seeds=(11, 12)
    )
    cases = cases_of(request)
    assert [(case.data, case.seed, case.folder) for case in cases] == [
        (data, seed, Path(f"out/{data}/seed{seed}"))
        for data in ("default", "promoter-only")
        for seed in (11, 12)
    ]
    genome = Path("out/default/seed11/genome")
    assert cases[0].inputs == {
        "genome": GenomeEntry(
            *("simulated", genome / "genome.fa", genome / "genes.gtf"),
            *(genome / "blacklist.bed", genome / "A" / "features.tsv"),
        ),
        "labels": (genome / "A" / "labels.tsv",),
        "label_column": "expression",
        "signals": {"H3K27ac": genome / "A" / "H3K27ac.bw", "DNase": genome / "A" / "DNase.bw"},
        "contacts": genome / "A" / "contacts.cool",
        "split": "chromosomes",
        "valid_chroms": ("chrD",),
        "test_chroms": ("chrC",),
    }
    assert cases[0].judged_by == {"truth": genome / "A" / "truth.bed"}
    assert cases[0].peaks == genome / "A" / "DNase.bam"


def test_a_genome_of_two_chromosomes_is_split_by_position() -> None:
    request = CompareRequest(data=SimulatedData(settings=("default",), size="demo"), out=Path("out"))
    assert cases_of(request)[0].inputs["split"] == "position"
    asked = train_request(cases_of(request)[0], Method.named("soft"), {"size": "small"})
    assert asked.config.window == 20_000  # all that acts on a gene of these genomes lies in it


def test_own_data_is_the_same_for_every_seed() -> None:
    first, second = cases_of(CompareRequest(data=OWN, out=Path("out"), seeds=(3, 4)))
    assert first.inputs == second.inputs == OWN.inputs
    assert (first.folder, second.folder) == (Path("out/toy/seed3"), Path("out/toy/seed4"))
    asked = train_request(second, Method.named("macs3"), {"size": "small", "d_model": 8})
    assert (asked.seed, asked.setting, asked.fixed_mask) == (4, Setting.FIXED, Path("toy.narrowPeak"))
    assert (asked.out, asked.resume, asked.d_model) == (Path("out/toy/seed4/macs3/model"), True, 8)
    retrain = train_request(second, Method.named("retrain"), {})
    assert (retrain.fixed_mask, retrain.fixed_share) == (Path("out/toy/seed4/soft/mask/mask.bw"), 0.1)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"methods": ("fixed",)}, "--method fixed: no such method; there are soft, hard"),
        ({"methods": ("soft", "soft")}, "--method soft is given twice"),
        ({"methods": ("retrain",)}, "--method retrain reads the mask that soft learns: add --method soft"),
        ({"seeds": (1, 1 << 63)}, "--seed 9223372036854775808: a seed is a whole number from 0 and below"),
        ({"methods": ()}, "no method is given; name at least one with --method"),
        ({"seeds": (1, 1)}, "--seeds 1,1: different whole numbers from 0"),
        ({"reference": "mamba"}, "--reference mamba: not among the methods, soft, caduceus"),
        ({"training": {"devices": 2}}, "--devices: a comparison trains on one device"),
    ],
)
def test_what_cannot_be_compared_is_refused(options: dict[str, object], message: str) -> None:
    with pytest.raises(InputError) as refused:
        CompareRequest(data=OWN, out=Path("out"), **options)
    assert str(refused.value).startswith(message)


def test_peaks_are_given_or_called_not_both() -> None:
    with pytest.raises(InputError, match="give one of them"):
        OwnData(inputs=OWN.inputs, peaks=Path("a.narrowPeak"), bam=Path("a.bam"))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"bam": Path("a.cram")}, "--bam a.cram: no name of a BAM file (.bam); give peaks with --peaks"),
        ({"peaks": Path("a.BAM")}, "--peaks a.BAM: a BAM file; give it with --bam to call peaks from it"),
    ],
)
def test_reads_and_peaks_are_not_confused(options: dict[str, Path], message: str) -> None:
    with pytest.raises(InputError) as refused:
        OwnData(inputs=OWN.inputs, **options)
    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"cell_type": "K562"}, "--cell-type chooses rows of --crispr"),
        ({"truth": Path("t.bed"), "crispr": Path("c.tsv")}, "--truth and --crispr exclude each other"),
        ({"against": {"cCRE": Path("a.bed")}}, "--against and --macs3 are compared with --truth or --crispr"),
        ({"truth": Path("t.bed"), "against": {"mask": Path("a.bed")}}, "--against mask: that name is taken"),
        ({"truth": Path("t.bed")}, "t.bed: no such file"),
    ],
)
def test_how_masks_are_measured_is_checked_before_anything_is_computed(
    tmp_path: Path, options: dict[str, object], message: str
) -> None:
    training = {"size": "small", "device": "cpu"}
    data = OwnData(inputs=OWN.inputs, **options)
    with pytest.raises(InputError) as refused:
        compare(CompareRequest(data=data, out=tmp_path / "o", methods=("soft",), training=training), Silent())
    assert str(refused.value).startswith(message)
    assert not (tmp_path / "o").exists()


def test_a_truth_may_join_or_change_but_peaks_may_not(tmp_path: Path) -> None:
    def protocol(cell_type: str | None = None, **inputs: str) -> dict[str, object]:
        files = {role: {"path": "a", "sha256": checksum} for role, checksum in inputs.items()}
        return {"training": {}, "simulation": None, "data": {"cell_type": cell_type}, "inputs": files}

    take_place(tmp_path, protocol(peaks="1"))
    later = protocol("K562", peaks="1", crispr="2", **{"against:cCRE": "3"})
    take_place(tmp_path, later)
    assert json.loads((tmp_path / NAME).read_text()) == later
    take_place(tmp_path, protocol(peaks="1", truth="4"))
    with pytest.raises(InputError, match=r"holds results of other values of inputs\.peaks; give"):
        take_place(tmp_path, protocol(peaks="2", truth="4"))
    with pytest.raises(InputError, match=r"holds results of other values of inputs\.fasta; give"):
        take_place(tmp_path, protocol(peaks="1", truth="4", fasta="5"))


def test_the_mask_of_peaks_needs_peaks(tmp_path: Path) -> None:
    request = CompareRequest(data=OwnData(inputs=OWN.inputs), out=tmp_path / "out", methods=("macs3",))
    with pytest.raises(InputError, match=r"--method macs3 reads peaks: give --peaks \(narrowPeak\) or --bam"):
        compare(request, Silent())
    assert not (tmp_path / "out").exists()


def test_a_program_that_lacks_is_told_before_anything_is_computed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(peaks.shutil, "which", lambda _: None)
    monkeypatch.setattr(peaks.sys, "executable", str(tmp_path / "python"))
    request = small_comparison(tmp_path / "out", "soft", "macs3")
    with pytest.raises(InputError) as refused:
        compare(request, Silent())
    assert str(refused.value) == (
        "macs3 is not installed, so it cannot call peaks: pip install 'seq2exp-tracks[macs3]', or name "
        "--method without macs3"
    )
    assert not (tmp_path / "out").exists()
    give_peaks(request)
    called_peaks.check_caller(cases_of(request)[0])  # they are there: nothing is to be called
