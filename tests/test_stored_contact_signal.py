"""Contact from stored vectors as a signal: the published numbers, at the ends of chromosomes too."""

import json
from pathlib import Path

import numpy as np
import pytest

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.genome import ChromSizes, Gene, Strand
from seq2exp_tracks.io.contact_vectors import ContactVectors
from seq2exp_tracks.signals import CONTACT_SIGNAL
from seq2exp_tracks.stored_contacts import StoredContactSignal, check_vectors
from seq2exp_tracks.windows import Window

Published = tuple[ContactVectors, list[Window]]
ENDS = {"chr1": 420_000, "chr2": 150_000}


@pytest.fixture(scope="module")
def published(golden: Path) -> Published:
    """The vectors of the synthetic data folder, and the windows of its genes."""
    folder = golden / "data_folder"
    sizes = ChromSizes(ENDS)
    genes = json.loads((folder / "expected.json").read_text())["genes"]
    windows = [
        Window.around(Gene(gene_id, name, chrom, tss, Strand(strand)), 200_000, sizes[chrom])
        for gene_id, name, chrom, tss, strand in genes
    ]
    return ContactVectors.open(folder / "promo_enhan_inter/HiC/GM12878", sizes), windows


@pytest.mark.parametrize("length", [200_000, 20_000])
def test_every_value_is_the_published_one_to_the_last_bit(
    golden: Path, published: Published, length: int
) -> None:
    expected = np.load(golden / "data_folder/expected.npz")
    vectors, windows = published
    signal = StoredContactSignal(CONTACT_SIGNAL, vectors)
    for long in windows:
        window = Window.around(long.gene, length, ENDS[long.gene.chrom])
        theirs = expected[f"{length}/{long.gene.id}/signals"][:, 2]
        np.testing.assert_array_equal(window.pad(signal.read(window), 0), theirs)


def test_the_correct_alignment_differs_at_the_ends_alone(
    published: Published,
) -> None:
    vectors, windows = published
    moved = []
    for window in windows:
        shifted = StoredContactSignal(CONTACT_SIGNAL, vectors).read(window)
        correct = StoredContactSignal(CONTACT_SIGNAL, vectors, "correct").read(window)
        own = vectors.read(window.gene.chrom, window.gene.tss, window.inside.start, window.inside.end)
        assert own is not None
        np.testing.assert_allclose(correct, np.log10(1 + np.nan_to_num(own)), atol=2e-7)
        if not np.array_equal(shifted, correct):
            moved.append(window.gene.name)
    assert moved == ["GB", "GC"]


def test_a_gene_without_a_vector_has_contact_0_and_is_counted(
    published: Published,
) -> None:
    vectors, windows = published
    off = Window.around(Gene("OFF", "OFF", "chr1", 210_001, Strand.PLUS), 20_000, 420_000)
    assert not StoredContactSignal(CONTACT_SIGNAL, vectors).read(off).any()
    assert check_vectors(vectors, windows) == []
    assert check_vectors(vectors, [off, *windows]) == [
        f"{vectors.path}: no vector at the TSS of 1 of 7 genes, whose contact is 0; the .hic as --contacts "
        "has contact for every TSS"
    ]
    with pytest.raises(InputError, match=r"no vector at the TSS of any of 1 gene\(s\); .* --no-contacts"):
        check_vectors(vectors, [off])
    with pytest.raises(InputError, match="no vector chr1_210001 of the gene OFF; is the folder whole"):
        StoredContactSignal(CONTACT_SIGNAL, vectors, whole=True).read(off)


def test_a_window_longer_than_the_vectors_is_refused_beforehand(
    published: Published,
) -> None:
    vectors, windows = published
    long = Window.around(windows[0].gene, 210_000, 420_000)
    with pytest.raises(InputError, match="chr1_210000 holds 200,000 bases, use a window of no more"):
        check_vectors(vectors, [long])
