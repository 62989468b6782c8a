"""Stored contact: a vector for each TSS, one HDF5 file a chromosome."""

import pickle
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest

from seq2exp_tracks.errors import InputError, TracksError
from seq2exp_tracks.genome import ChromSizes
from seq2exp_tracks.io.contact_vectors import ContactVectors, contact_inputs, contacts_of_inputs, is_vectors

SIZES = ChromSizes({"chr1": 1_000, "chr2": 500})
VECTOR = np.r_[np.nan, np.arange(1, 200) / 8]


def write(path: Path, **vectors: np.ndarray) -> Path:
    with h5py.File(path, "w") as file:
        for name, vector in vectors.items():
            file[name] = vector
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path / "hic_feat_chr1.h5", chr1_400=VECTOR, chr1_20=-VECTOR, chr1_30=np.zeros((2, 2)))
    write(tmp_path / "hic_feat_chr9.h5", chr9_1=VECTOR)
    (tmp_path / "README").touch()
    return tmp_path


def test_the_tss_is_in_the_middle_of_its_vector(folder: Path) -> None:
    vectors = ContactVectors.open(folder, SIZES)
    np.testing.assert_array_equal(vectors.read("chr1", 400, 300, 500), VECTOR)
    np.testing.assert_array_equal(vectors.read("chr1", 400, 395, 402), VECTOR[95:102])
    assert vectors.read("chr1", 401, 395, 402) is None
    assert vectors.read("chr2", 400, 395, 402) is None


def test_what_lacks_is_told_beforehand(folder: Path) -> None:
    vectors = ContactVectors.open(folder, SIZES)
    places = [("chr2", 7, 0, 10), ("chr1", 400, 300, 500), ("chr1", 401, 301, 501)]
    assert vectors.lacking(places) == [("chr2", 7), ("chr1", 401)]


def test_only_chromosomes_of_the_genome_count_by_its_names(folder: Path) -> None:
    assert dict(ContactVectors.open(folder, SIZES).files) == {"chr1": folder / "hic_feat_chr1.h5"}
    assert list(ContactVectors.open(folder).files) == ["chr1", "chr9"]
    ensembl = ContactVectors.open(folder, ChromSizes({"1": 1_000}))
    np.testing.assert_array_equal(ensembl.read("1", 400, 300, 500), VECTOR)


def test_one_file_is_one_chromosome(folder: Path) -> None:
    file = folder / "hic_feat_chr1.h5"
    assert dict(ContactVectors.open(file, SIZES).files) == {"chr1": file}


def test_it_goes_to_other_processes(folder: Path) -> None:
    vectors = pickle.loads(pickle.dumps(ContactVectors.open(folder, SIZES)))
    np.testing.assert_array_equal(vectors.read("chr1", 400, 300, 500), VECTOR)


@pytest.mark.parametrize(
    ("tss", "start", "end", "told"),
    [
        (400, 299, 500, r"hic_feat_chr1\.h5: chr1_400 holds 200 bases, use a window of no more"),
        (400, 300, 501, "holds 200 bases"),
        (20, 0, 10, "chr1_20 holds a contact below 0 or without end"),
        (30, 29, 31, r"chr1_30 has the shape \(2, 2\), which is no vector"),
    ],
)
def test_a_vector_that_cannot_be_used(folder: Path, tss: int, start: int, end: int, told: str) -> None:
    with pytest.raises(InputError, match=told):
        ContactVectors.open(folder, SIZES).read("chr1", tss, start, end)


def test_a_damaged_file_is_one_line(folder: Path) -> None:
    vectors = ContactVectors.open(folder, SIZES)
    whole = (folder / "hic_feat_chr1.h5").read_bytes()
    for damaged in (b"no HDF5", whole[: len(whole) // 2]):
        (folder / "hic_feat_chr1.h5").write_bytes(damaged)
        with pytest.raises(InputError, match=r"hic_feat_chr1\.h5: cannot be read as HDF5") as caught:
            vectors.lacking([("chr1", 400, 300, 500)])
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize("path", [".", "hic_feat_chr9.h5", "README", "none"])
def test_what_holds_no_vectors_says_the_way_out(folder: Path, path: str) -> None:
    if path == ".":
        (folder / "hic_feat_chr1.h5").unlink()
    with pytest.raises(InputError, match=r"no hic_feat_CHROM\.h5 of a chromosome of the genome; name "):
        ContactVectors.open(folder / path, SIZES)


def test_without_h5py_it_is_told_how_to_get_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(TracksError, match=r"pip install 'seq2exp-tracks\[published-data\]'"):
        ContactVectors.open(folder, SIZES)


def test_files_by_role_name_the_same_contacts_again(folder: Path) -> None:
    maps = folder / "k562.mcool"
    assert not is_vectors(maps)
    assert contact_inputs(maps) == {"contacts": maps}
    files = {f"contacts:{chrom}": folder / f"hic_feat_{chrom}.h5" for chrom in ("chr1", "chr9")}
    assert contact_inputs(folder) == files
    one = {"contacts:chr9": folder / "hic_feat_chr9.h5"}
    assert contact_inputs(folder / "hic_feat_chr9.h5") == one
    assert contacts_of_inputs({"fasta": maps, **files}) == folder
    assert contacts_of_inputs(one) == folder / "hic_feat_chr9.h5"
    assert contacts_of_inputs({"contacts": maps}) == maps
    assert contacts_of_inputs({"fasta": maps}) is None
