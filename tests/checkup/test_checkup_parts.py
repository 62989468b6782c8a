"""Parts of the checkup that need no whole set of inputs."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from checked_inputs import Checked
from small_files import write_bigwig, write_hic

from seq2exp_tracks.checkup import CheckupRequest, Finding, Level, check_up, worst
from seq2exp_tracks.checkup.contact_file import GivenContacts, check_contacts
from seq2exp_tracks.checkup.genome_files import assembly_of
from seq2exp_tracks.checkup.installation import check_installation
from seq2exp_tracks.checkup.needs import REACHED, check_disk, check_time
from seq2exp_tracks.checkup.request import ChosenFiles
from seq2exp_tracks.checkup.signal_files import facts_of, guess
from seq2exp_tracks.errors import InputError
from seq2exp_tracks.genome import ChromSizes, Gene, Strand
from seq2exp_tracks.io.bigwig import BigWig
from seq2exp_tracks.model import SOFT
from seq2exp_tracks.resources.registry import GenomeEntry
from seq2exp_tracks.scales import measure
from seq2exp_tracks.scoring.bench.work import least_work
from seq2exp_tracks.signals import BigWigSignal
from seq2exp_tracks.windows import Window


def test_a_finding_is_a_line_with_its_way_out() -> None:
    assert str(Finding("genes", Level.OK, "all there")) == "ok    all there"
    assert str(Finding("genes", Level.BAD, "gone", "put it back")) == "bad   gone  →  put it back"
    error = InputError("a.bw: truncated: 3; 4 bytes; get it again")
    assert Finding.of_error("signals", error) == Finding(
        "signals", Level.BAD, "a.bw: truncated: 3; 4 bytes", "get it again"
    )
    assert Finding.of_error("signals", InputError("no way out")).way_out == ""


def test_the_worst_of_findings_decides() -> None:
    findings = [Finding("genes", level, "") for level in (Level.NOTE, Level.WARN, Level.OK)]
    assert worst(findings) is Level.WARN
    assert worst([]) is Level.OK


@pytest.mark.parametrize(
    ("name", "sizes", "level", "told"),
    [
        ("hg38", {"chr22": 50_818_468}, Level.OK, "the assembly is hg38"),
        ("mine", {"22": 51_304_566}, Level.OK, "the assembly is hg19"),
        ("hg38", {"chr22": 51_304_566}, Level.BAD, "is hg19 by its lengths, but registered as hg38"),
        ("mm39", {"chr19": 61_431_566, "chr2": 182_113_224}, Level.BAD, "is mm10 by its lengths, but"),
        ("hg38", {"chr22": 50_818_469}, Level.BAD, "its lengths are not those of hg38"),
        ("hg38", {"chrA": 50_818_468}, Level.BAD, "its lengths are not those of hg38"),
        (
            "hg38",
            {"chr3": 1},
            Level.NOTE,
            "has none of chr1, chr2, chr21, chr22, by whose lengths hg38 is known",
        ),
        ("mine", {"chr22": 5}, None, ""),
    ],
)
def test_an_assembly_is_known_by_its_lengths(
    name: str, sizes: dict[str, int], level: Level | None, told: str
) -> None:
    found = assembly_of(GenomeEntry(name, Path("a.fa"), Path("a.gtf")), ChromSizes(sizes))
    assert [finding.level for finding in found] == ([] if level is None else [level])
    assert all(told in finding.what for finding in found)


def test_real_lengths_are_those_of_hg38(real: Path) -> None:
    rows = [line.split() for line in (real / "genome/hg38.chrom.sizes").read_text().splitlines()]
    sizes = ChromSizes({name: int(length) for name, length in rows})
    (found,) = assembly_of(GenomeEntry("hg38", Path("a.fa"), Path("a.gtf")), sizes)
    assert found.level is Level.OK


RANDOM = np.random.default_rng(0)
FOLD = np.exp(RANDOM.normal(0, 0.7, 500))
LOOKS = {
    "raw counts": RANDOM.poisson(5, 500),
    "counts times a factor, as reads per million are": 0.04263 * RANDOM.poisson(5, 500),
    "fold change over control": FOLD,
    "-log10 of a p-value, or coverage by reads": FOLD**4,
}


@pytest.mark.parametrize("looks", LOOKS)
def test_what_values_look_like(tmp_path: Path, looks: str) -> None:
    sizes = ChromSizes({"chr1": 5_000})
    rows = [("chr1", 10 * place, 10 * place + 10, value) for place, value in enumerate(LOOKS[looks])]
    signal = BigWigSignal("DNase", BigWig(write_bigwig(tmp_path / "a.bw", sizes, rows), sizes))
    windows = [Window.around(Gene("a", "", "chr1", 2_500, Strand.PLUS), 5_000, 5_000)]
    assert guess(facts_of(signal, measure(signal.read, windows), windows)) == looks


def test_negative_values_are_refused_unless_they_are_to_be_clipped(good: Checked, tmp_path: Path) -> None:
    with_negative = write_bigwig(
        tmp_path / "a.bw", {"chrA": 400_000, "chrB": 250_000}, [("chrA", 0, 400_000, -1)]
    )
    signals = {"DNase": with_negative}
    (line,) = good.mistakes(signals=signals, checkpoint=None)
    assert "negative value -1 at chrA:1" in line
    assert "--clip-negative" in line
    assert good.mistakes(signals=signals, checkpoint=None, clip_negative=True) == [
        "bad   DNase is 0 in all windows of genes  →  give a file that covers the chromosomes of the genes"
    ]


def test_what_a_hic_file_holds_is_told(tmp_path: Path) -> None:
    sizes = ChromSizes({"chr1": 50_000})
    counts = np.triu(np.full((10, 10), 7))
    path = write_hic(
        tmp_path / "a.hic", sizes, {"chr1": counts + np.triu(counts, 1).T}, vc={"chr1": [1] * 10}
    )
    window = Window.around(Gene("a", "", "chr1", 22_000, Strand.PLUS), 20_000, 50_000)
    found = check_contacts(GivenContacts(path, "VC", sizes, [window]))
    assert [str(finding) for finding in found] == [
        f"ok    {path}: bins of 5,000 bp; normalisations: VC",
        f"ok    {path}: contacts at 1 of 1 TSS",
    ]
    (found,) = check_contacts(GivenContacts(path, "ICE", sizes, [window]))
    assert str(found).startswith(f"bad   {path}: no ICE normalisation in it")


def test_a_device_that_is_not_there_is_bad() -> None:
    (bad,) = [finding for finding in check_installation("cuda:9", None) if finding.level is Level.BAD]
    assert bad.what.startswith("device 'cuda:9'")


def test_what_is_not_installed_is_told_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    monkeypatch.setattr("shutil.which", lambda _: None)
    monkeypatch.setattr("sys.executable", "/nowhere/python")
    notes = [finding for finding in check_installation("cpu", None) if "not installed" in finding.what]
    assert {finding.level for finding in notes} == {Level.NOTE}
    extras = ("enformer", "published-data", "macs3")
    assert [finding.way_out.partition(": ")[2] for finding in notes] == [
        f"pip install 'seq2exp-tracks[{extra}]'" for extra in extras
    ]


def test_the_expected_time_is_the_arithmetic_at_the_peaks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seq2exp_tracks.pipeline.hardware.default_workers", lambda: 2)
    monkeypatch.setattr("os.sysconf", lambda name: 10**9 if name == "SC_PAGE_SIZE" else 64)
    work = least_work(SOFT, 200_000)
    seconds = (work.products / 1e9 + work.exps / 1e8) / REACHED
    (found,) = check_time(SOFT, 200_000, 100, "cpu")
    assert found.what == (
        f"100 genes take {100 * seconds / 2 / 3600:.1f} h or more here: 2 process(es), about {seconds:.2g} "
        "seconds a window"
    )


def test_room_is_for_each_base_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    free = SimpleNamespace(free=1_000_000)
    monkeypatch.setattr("seq2exp_tracks.checkup.needs.shutil.disk_usage", lambda _: free)
    genes = [Gene(str(tss), "", "chr1", tss, Strand.PLUS) for tss in (100_000, 150_000)]
    windows = [Window.around(gene, 60_000, 10**6) for gene in genes]
    tracks, decoded = check_disk(windows, 2, tmp_path / "not" / "yet")
    assert str(tracks) == f"ok    {tmp_path}: 1.0 MB free, the tracks of 110,000 bases take up to 0.9 MB"
    assert decoded.what.endswith("decoded inputs take up to 1.0 MB")
    assert check_disk([], 2, tmp_path) == []


def test_options_override_the_cells_under_any_name_of_a_channel(tmp_path: Path) -> None:
    path = tmp_path / "cells.toml"
    path.write_text('[cells]\nname = "a"\n[cells.signals]\nDNase = "a.bw"\nH3K27ac = "b.bw"\n')
    chosen = ChosenFiles.of(CheckupRequest(cells=path, signals={"DHS": Path("c.bw")}))
    assert chosen.signals == {"H3K27ac": tmp_path / "b.bw", "DHS": Path("c.bw")}


def test_without_anything_the_installation_is_looked_at() -> None:
    assert {finding.section for finding in check_up(CheckupRequest(device="cpu"))} == {"installation"}
