"""Features for a run that has none: derived of sequence and annotation, once for the same files."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from small_genome import SIZES, write_fasta, write_gtf
from told import Told

from seq2exp_tracks.checkpoints import load_checkpoint, save_checkpoint
from seq2exp_tracks.derived_features import DERIVED, with_features
from seq2exp_tracks.errors import InputError
from seq2exp_tracks.features import FEATURES, GeneFeatures
from seq2exp_tracks.genome import ChromSizes, Interval
from seq2exp_tracks.io.checksum import sha256_of
from seq2exp_tracks.io.fasta import Fasta
from seq2exp_tracks.io.feature_columns import PROMOTER_ACTIVITY
from seq2exp_tracks.io.genes import read_genes
from seq2exp_tracks.io.transcripts import read_transcripts
from seq2exp_tracks.preparation.half_life import features_by_gene
from seq2exp_tracks.progress import Silent
from seq2exp_tracks.resources.asked import NO_FEATURES, Chosen
from seq2exp_tracks.resources.registry import GenomeEntry
from seq2exp_tracks.resources.store import Store
from seq2exp_tracks.scales import Distribution

Derive = Callable[..., Chosen]


@pytest.fixture
def chosen(golden: Path, tmp_path: Path) -> Chosen:
    """A genome without features, and the authors' kind of weights."""
    return Chosen(
        genome=GenomeEntry("of/mine", write_fasta(tmp_path), write_gtf(tmp_path)),
        checkpoint=golden / "soft_tiny" / "checkpoint.ckpt",
        signals={},
        contacts=None,
        contacts_norm="VC",
        remarks=("before", NO_FEATURES, "after"),
        derive_features=True,
    )


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


def table_of(chosen: Chosen) -> Path:
    assert chosen.genome.features is not None
    return chosen.genome.features


@pytest.mark.parametrize("workers", [1, 2])
def test_the_eight_are_those_of_prepare_and_promoter_activity_is_0(
    chosen: Chosen, store: Store, workers: int
) -> None:
    found = with_features(chosen, store, Silent(), workers=workers)
    assert found.remarks == ("before", DERIVED, "after")
    assert replace(found, genome=chosen.genome, remarks=chosen.remarks) == chosen
    sizes = ChromSizes(SIZES)
    with Fasta(chosen.genome.fasta) as fasta:
        codes = {chrom: fasta.codes(Interval(chrom, 0, length)) for chrom, length in SIZES.items()}
    expected = features_by_gene(read_transcripts(chosen.genome.genes, sizes), codes)
    features = GeneFeatures.from_table(table_of(found))
    known = {}
    for gene in read_genes(chosen.genome.genes, sizes).genes:
        values, filled = features.of(gene)
        assert values[-1] == 0
        known[gene.id] = filled
        if not filled:
            np.testing.assert_allclose(values[:-1], expected[gene.chrom, gene.id, gene.strand], rtol=1e-5)
    assert known == {"ALPHA": (), "BETA": (), "GAMMA": FEATURES[:-1]}  # GAMMA is not translated


@pytest.mark.parametrize("trained_on_features", [True, False])
def test_own_weights_that_were_trained_on_features_read_them_again(
    chosen: Chosen, store: Store, golden: Path, tmp_path: Path, trained_on_features: bool
) -> None:
    # As training tells it; the activity of derived features is 0, of which there are no quantiles.
    scales = {"DNase": Distribution(1.0, ())}
    scales |= {PROMOTER_ACTIVITY: Distribution(1.0, ())} if trained_on_features else {}
    weights = tmp_path / "own.safetensors"
    save_checkpoint(load_checkpoint(golden / "soft_tiny" / "checkpoint.ckpt"), weights, scales)
    own = replace(chosen, checkpoint=weights, derive_features=False, remarks=("before",))
    found = with_features(own, store, Silent())
    if trained_on_features:
        assert found.remarks == ("before", DERIVED)
        assert table_of(found) == table_of(with_features(chosen, store, Silent()))
        given = replace(own, genome=own.genome.with_files(features=weights))
        assert with_features(given, store, Silent()) == given
    else:
        assert found == own


def test_a_second_run_on_the_same_files_finds_them(chosen: Chosen, store: Store) -> None:
    first, second = Told(), Told()
    once = with_features(chosen, store, first)
    before = table_of(once).stat().st_mtime_ns
    assert with_features(chosen, store, second) == once
    assert table_of(once).stat().st_mtime_ns == before
    assert len(first.stages) == 2
    assert second.stages == first.stages[:1]
    record = json.loads(table_of(once).with_suffix(".json").read_text())
    assert record["made_from"]["genes"] == sha256_of(chosen.genome.genes)
    assert record["made_from"]["fasta"] == sha256_of(chosen.genome.fasta)
    assert (record["genes"], record["without_half_life"]) == (3, 1)
    assert table_of(once).parent == store.folder / "derived"


def test_other_files_other_choices_and_half_of_a_table_are_derived_anew(chosen: Chosen, store: Store) -> None:
    once = with_features(chosen, store, Silent())
    whole = table_of(once).read_text()
    table_of(once).write_text(whole[: len(whole) // 2])
    assert with_features(chosen, store, Silent()) == once
    assert table_of(once).read_text() == whole
    table_of(once).with_suffix(".json").unlink()
    assert with_features(chosen, store, Silent()) == once
    others = {table_of(with_features(chosen, store, Silent(), gene_types=("protein_coding",)))}
    chosen.genome.genes.write_text(chosen.genome.genes.read_text().replace("BETA", "DELTA"))
    others.add(table_of(with_features(chosen, store, Silent())))
    assert len(others | {table_of(once)}) == 3


def test_nothing_is_derived_where_it_is_not_wanted_or_read(
    chosen: Chosen, store: Store, golden: Path
) -> None:
    for other in (
        replace(chosen, derive_features=False),
        replace(chosen, checkpoint=golden / "var_no_rna" / "checkpoint.ckpt"),
    ):
        assert with_features(other, store, Silent()) == other
    assert not store.folder.exists()


@pytest.mark.parametrize("kind", ["table", "no CDS"])
def test_an_annotation_that_tells_of_no_translation_leaves_it_and_says_so(
    chosen: Chosen, store: Store, tmp_path: Path, kind: str
) -> None:
    told = Told()
    genes = tmp_path / ("genes.tsv" if kind == "table" else "plain.gtf")
    lines = chosen.genome.genes.read_text().splitlines(keepends=True)
    genes.write_text(
        "chrom\ttss\tstrand\tgene_id\nchr1\t4000\t+\tALPHA\n"
        if kind == "table"
        else "".join(line for line in lines if "\tCDS\t" not in line)
    )
    other = replace(chosen, genome=chosen.genome.with_files(genes=genes))
    assert with_features(other, store, told) == other
    (note,) = told.notes
    assert note.startswith(f"features are not derived: {genes}: ")
    assert note.endswith("; or give --features FILE")
    assert [path.name for path in store.folder.rglob("*") if path.is_file()] == [".lock"]


def test_a_damaged_annotation_is_refused(chosen: Chosen, store: Store) -> None:
    genes = chosen.genome.genes
    before, line, after = genes.read_text().partition("\tCDS\t")
    genes.write_text(before + line + "x" + after)
    with pytest.raises(InputError, match=f"^{genes}: cannot be read as GTF or GFF3"):
        with_features(chosen, store, Silent())
    assert [path.name for path in store.folder.rglob("*") if path.is_file()] == [".lock"]
