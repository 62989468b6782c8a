"""Stored vectors of contact: opened as scoring opens them, and looked into."""

from pathlib import Path

import h5py
import numpy as np
import pytest

from seq2exp_tracks.checkup.contact_file import GivenContacts
from seq2exp_tracks.checkup.stored_contacts import check_stored_contacts
from seq2exp_tracks.genome import ChromSizes, Gene, Strand
from seq2exp_tracks.scales import Distribution
from seq2exp_tracks.windows import Window

SIZES = ChromSizes({"chr1": 50_000, "chr2": 50_000})
GENES = [Gene(f"G{tss}", f"G{tss}", "chr1", tss, Strand.PLUS) for tss in (20_000, 21_000, 25_000)]
WINDOWS = [Window.around(gene, 4_000, SIZES[gene.chrom]) for gene in GENES]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Vectors of all genes but the last."""
    with h5py.File(tmp_path / "hic_feat_chr1.h5", "w") as file:
        for gene in GENES[:-1]:
            file[f"chr1_{gene.tss}"] = np.full(4_000, 9.0)
    return tmp_path


def found(path: Path, scale: float | None = None, norm: str = "VC") -> list[str]:
    """The findings as people read them; the training's contact was `scale` everywhere."""
    trained = None if scale is None else Distribution.of(np.full(100, scale, np.float32))
    given = GivenContacts(path, norm, SIZES, WINDOWS, trained)  # type: ignore[arg-type]
    return [str(finding) for finding in check_stored_contacts(given)]


def test_what_they_hold_and_lack_is_told(folder: Path) -> None:
    assert found(folder) == [
        f"ok    {folder}: stored contact, on 1 of 2 chromosome(s)",
        f"note  {folder}: no vector at the TSS of 1 of 3 genes, whose contact is 0; the .hic as --contacts "
        "has contact for every TSS",
    ]


def test_their_scale_is_compared_with_that_of_the_training(folder: Path) -> None:
    told = "HiC, log10(1 + contact): median / 90% / 99% 1 / 1 / 1, in the training"
    assert found(folder, 1.0)[2:] == [f"ok    {told} 1 / 1 / 1"]
    assert found(folder, 2.0)[2:] == [
        f"warn  {told} 2 / 2 / 2  →  use the normalisation that the model was trained on"
    ]


def test_what_scoring_refuses_is_bad(folder: Path) -> None:
    assert found(folder, norm="ICE") == [
        f"bad   {folder}: stored vectors are normalised by VC already  →  leave --contacts-norm out"
    ]
    (folder / "hic_feat_chr1.h5").rename(folder / "hic_feat_chr2.h5")
    assert found(folder)[1:] == [
        f"warn  {folder}: none of the 3 genes looked at is on these  →  score genes of these chromosomes "
        "only (--chrom)"
    ]
    (folder / "hic_feat_chr2.h5").rename(folder / "hic_feat_chr9.h5")
    assert found(folder) == [
        f"bad   {folder}: no hic_feat_CHROM.h5 of a chromosome of the genome  →  name a folder of them, one, "
        "or a .hic"
    ]
