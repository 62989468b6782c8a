"""`doctor` finds each mistake that is planted, says which file, and what to do; of good inputs nothing."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from checked_inputs import Checked, rewritten, write_plain_checkpoint
from cooler import create_cooler
from small_files import bins_of, pixels_of, write_cool

from seq2exp_tracks.checkpoints import save_checkpoint
from seq2exp_tracks.model import HARD, Seq2Exp
from seq2exp_tracks.simulation.genome import SimulatedGenome, simulate


def test_nothing_is_wrong_with_good_inputs(good: Checked) -> None:
    assert good.mistakes() == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(50))
def test_nothing_is_wrong_with_good_inputs_that_are_drawn(good: Checked, tmp_path: Path, seed: int) -> None:
    """Another genome, in another cell type, than the checkpoint was trained on."""
    cell_type = "AB"[seed % 2]
    simulate(tmp_path / "genome", seed=100 + seed)
    genome = SimulatedGenome.inside(tmp_path / "genome", cell_type)
    assert Checked(genome, good.checkpoint, tmp_path).mistakes() == []


@pytest.mark.parametrize(("name", "times"), [("H3K27ac", 0.1), ("DNase", 10)])
def test_a_signal_on_another_scale(good: Checked, tmp_path: Path, name: str, times: float) -> None:
    source = {"H3K27ac": good.genome.h3k27ac, "DNase": good.genome.dnase}[name]
    path = rewritten(source, tmp_path / "scaled.bw", lambda values: values * times)
    (line,) = good.mistakes(signals=good.with_signal(name, path))
    told = f"bad   {name} is 10 times the scale" if times > 1 else f"bad   {name} is 1/10 of the scale"
    assert line.startswith(told)
    assert "or score with --match-scale factor or quantile" in line


def test_raw_counts_for_fold_change(good: Checked, tmp_path: Path) -> None:
    path = rewritten(good.genome.dnase, tmp_path / "counts.bw", lambda values: np.round(values * 20))
    (line,) = good.mistakes(signals=good.with_signal("DNase", path))
    assert line.startswith("bad   DNase is ")
    assert "it looks like raw counts" in line


@pytest.mark.parametrize("trained_on", [{}, {"DNase": "ENCFF414OGC.bigWig"}])
def test_raw_counts_where_the_checkpoint_does_not_tell_what_it_was_trained_on(
    good: Checked, tmp_path: Path, trained_on: dict[str, str]
) -> None:
    """Files are named only where it is known that it was trained on them."""
    path = rewritten(good.genome.dnase, tmp_path / "counts.bw", lambda values: np.round(values * 20))
    checkpoint = write_plain_checkpoint(tmp_path / "plain.safetensors")
    signals = good.with_signal("DNase", path)
    assert good.mistakes(signals=signals, checkpoint=checkpoint, trained_on=trained_on) == [
        "warn  DNase looks like raw counts, and the checkpoint does not tell what it was trained on  →  give "
        "DNase as it was made for the training" + (", ENCFF414OGC.bigWig" if trained_on else "")
    ]


def p_values(values: np.ndarray) -> np.ndarray:
    """What -log10 of a p-value makes of fold changes: less of the small ones, more of the large ones."""
    return np.maximum(0, 3 * values * np.log10(1 + values))


@pytest.mark.parametrize("name", ["H3K27ac", "DNase"])
def test_p_values_for_fold_change(good: Checked, tmp_path: Path, name: str) -> None:
    source = {"H3K27ac": good.genome.h3k27ac, "DNase": good.genome.dnase}[name]
    path = rewritten(source, tmp_path / "p.bw", p_values)
    (line,) = good.mistakes(signals=good.with_signal(name, path))
    assert line.startswith((f"warn  {name} has another shape", f"warn  {name} is 1/"))


@pytest.mark.parametrize("trained", [True, False])
def test_signals_that_are_exchanged(good: Checked, tmp_path: Path, trained: bool) -> None:
    """By their distributions where the checkpoint tells those of the training, else by their breadth."""
    checkpoint = good.checkpoint if trained else write_plain_checkpoint(tmp_path / "plain.safetensors")
    lines = good.mistakes(
        checkpoint=checkpoint, signals={"H3K27ac": good.genome.dnase, "DNase": good.genome.h3k27ac}
    )
    told = "distributed as DNase of the training" if trained else "H3K27ac is narrower than DNase"
    assert any(told in line and "give each file under its own name" in line for line in lines)


def test_peaks_for_a_signal(good: Checked, tmp_path: Path) -> None:
    path = rewritten(
        good.genome.dnase, tmp_path / "peaks.bw", lambda values: np.where(values > 30, values, 0)
    )
    lines = good.mistakes(signals=good.with_signal("DNase", path))
    assert any("as peaks or starts of transcription are" in line for line in lines)


def test_a_signal_of_another_assembly(good: Checked, tmp_path: Path) -> None:
    path = rewritten(good.genome.dnase, tmp_path / "other.bw", lambda values: values, extra=17)
    lines = good.mistakes(signals=good.with_signal("DNase", path))
    assert lines == [
        f"bad   {path}: chrA has 400,017 bp, but chrA of the genome has 400,000: the file belongs to another "
        "assembly; use one made on the same genome".replace("; ", "  →  ")
    ]


def test_a_truncated_signal(good: Checked, tmp_path: Path) -> None:
    path = tmp_path / "cut.bw"
    path.write_bytes(good.genome.dnase.read_bytes()[:20_000])
    lines = good.mistakes(signals=good.with_signal("DNase", path))
    assert lines == [f"bad   {path}: truncated: its 20,000 bytes are not the whole file  →  get it again"]


def test_a_genome_that_is_not_what_it_is_called(good: Checked) -> None:
    (line,) = good.mistakes(good.entry("hg38"))
    assert line == (
        f"bad   {good.genome.fasta}: its lengths are not those of hg38  →  register the FASTA of hg38, or "
        "another name"
    )


def test_features_of_another_gene_set(good: Checked, tmp_path: Path) -> None:
    header, *rows = good.genome.features.read_text().splitlines()
    path = tmp_path / "features.tsv"
    path.write_text("\n".join([header, *(f"other_{row.replace(chr(9), chr(9) + 'x', 1)}" for row in rows)]))
    assert good.mistakes(features=path) == [
        f"bad   {path}: knows none of the 36 genes  →  give the table that belongs to these genes: it is "
        "joined by id, else by symbol"
    ]


def test_promoter_activity_per_million_reads_of_one_chromosome(good: Checked, tmp_path: Path) -> None:
    header, *rows = good.genome.features.read_text().splitlines()
    place = header.split("\t").index("PromoterActivity")
    cells = [row.split("\t") for row in rows]
    for row in cells:
        row[place] = str(56 * float(row[place] or "nan"))
    path = tmp_path / "features.tsv"
    path.write_text("\n".join([header, *("\t".join(row) for row in cells)]))
    (line,) = good.mistakes(features=path)
    assert line.startswith(f"bad   {path}: median PromoterActivity is ")
    assert (
        " 56 times that of the training  →  make it of reads per million of the whole genome's reads, "
        in line
    )
    (line,) = good.mistakes(features=path, checkpoint=write_plain_checkpoint(tmp_path / "a.safetensors"))
    assert line.startswith(f"warn  {path}: median PromoterActivity is ")


def test_contacts_that_are_normalised_already(good: Checked, tmp_path: Path) -> None:
    lengths = {"chrA": 400_000, "chrB": 250_000}
    places = {chrom: np.arange(length // 5_000) for chrom, length in lengths.items()}
    decay = {chrom: 1 / (1 + abs(place[:, None] - place)) for chrom, place in places.items()}
    path = tmp_path / "balanced.cool"
    create_cooler(str(path), bins_of(lengths, 5_000), pixels_of(decay), dtypes={"count": "float64"})
    lines = good.mistakes(contacts=path)
    assert any("they look normalised already" in line for line in lines)


def test_contacts_in_other_bins(good: Checked, tmp_path: Path) -> None:
    path = write_cool(tmp_path / "a.cool", {"chrA": 400_000}, {"chrA": np.eye(40, dtype=int)}, width=10_000)
    lines = good.mistakes(contacts=path)
    assert lines == [
        f"bad   {path}: no contacts in bins of 5,000 bp, which the model was trained on  →  "
        "present: 10,000 bp"
    ]


def test_contacts_that_saw_hardly_anything(good: Checked, tmp_path: Path) -> None:
    counts = np.zeros((80, 80), int)
    counts[0, 0] = 1
    path = write_cool(tmp_path / "a.cool", {"chrA": 400_000, "chrB": 250_000}, {"chrA": counts})
    assert any("contact is 0 around the others" in line for line in good.mistakes(contacts=path))


def test_a_checkpoint_of_another_window(good: Checked, tmp_path: Path) -> None:
    assert good.mistakes(window=8_000) == [
        f"warn  {good.checkpoint}: was trained on windows of 10,000 bp, not of 8,000  →  leave --window out, "
        "or use a checkpoint of that window"
    ]
    hard = replace(HARD, window=10_000, d_model=4, generator_layers=1, encoder_layers=1)
    path = tmp_path / "hard.safetensors"
    save_checkpoint(Seq2Exp.initialised(hard, seed=0), path)
    (line,) = good.mistakes(checkpoint=path, window=8_000)
    assert line.startswith("bad   a window of 8,000 bp, but this model has learned positions for 10,000 bp")


def test_signals_that_the_checkpoint_does_not_read(good: Checked) -> None:
    lines = good.mistakes(signals={"DHS": good.genome.dnase, "CTCF": good.genome.h3k27ac}, contacts=None)
    assert lines == [
        f"bad   {good.checkpoint}: reads H3K27ac, which is not given  →  give --signal H3K27ac=FILE",
        f"bad   {good.checkpoint}: does not read CTCF  →  leave its --signal out",
        f"warn  {good.checkpoint}: reads Hi-C, which is not given  →  give --contacts FILE, or score with "
        "--no-contacts, which every output tells",
    ]


def test_a_disk_that_is_too_small(good: Checked, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(good.folder)._replace(free=1_000)
    monkeypatch.setattr("seq2exp_tracks.checkup.needs.shutil.disk_usage", lambda _: usage)
    lines = good.mistakes()
    assert [line.partition("  →  ")[2] for line in lines] == [
        "choose another --out",
        "set TMPDIR to a folder with more room",
    ]


def test_what_matching_would_do_is_told(good: Checked, tmp_path: Path) -> None:
    path = rewritten(good.genome.dnase, tmp_path / "scaled.bw", lambda values: values * 10)
    found = good.find(signals=good.with_signal("DNase", path), match_scale="factor")
    notes = [finding.what for finding in found if "matched to the scale" in finding.what]
    assert [note.split(":")[0] for note in notes] == ["H3K27ac", "DNase"]
