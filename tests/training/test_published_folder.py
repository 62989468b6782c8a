"""The authors' data folder, read as it is: every number is that of the published dataset."""

import json
import os
import pickle
import shutil
import sys
from pathlib import Path

import h5py
import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader

from seq2exp_tracks.errors import InputError, TracksError
from seq2exp_tracks.training.examples import as_batch
from seq2exp_tracks.training.gene_examples import ExampleReader, GeneExamples
from seq2exp_tracks.training.published_folder import PublishedFolder
from seq2exp_tracks.training.published_masks import read_mask_pickle
from seq2exp_tracks.training.published_opening import PeakTrack
from seq2exp_tracks.training.published_tables import Expression

TABLES = "promo_enhan_inter"


@pytest.fixture
def folder(golden: Path, tmp_path: Path) -> Path:
    """A copy that can be written: the genome gets an index beside it."""
    target = tmp_path / "data"
    shutil.copytree(golden / "data_folder", target, copy_function=shutil.copyfile)
    for path in [target, *target.rglob("*")]:
        path.chmod(0o755)
    return target


@pytest.fixture(scope="module")
def expected(golden: Path) -> dict:
    return json.loads((golden / "data_folder" / "expected.json").read_text())


def items(data: PublishedFolder) -> GeneExamples:
    """What is read of each gene, as a training reads it."""
    mask = None if data.peaks is None else PeakTrack(data.peaks)
    return GeneExamples(data.genes, ExampleReader(data.reader, data.labels, mask).read)


def stretches(mask: np.ndarray) -> list[list[int]]:
    return np.flatnonzero(np.diff(mask, prepend=False, append=False)).reshape(-1, 2).tolist()


@pytest.mark.parametrize("expression", Expression)
@pytest.mark.parametrize("window", [200_000, 20_000])
def test_every_item_is_that_of_the_published_dataset(
    golden: Path, folder: Path, expected: dict, window: int, expression: Expression
) -> None:
    arrays = np.load(golden / "data_folder" / "expected.npz")
    data = PublishedFolder(folder, "GM12878", window, expression=expression, with_peaks=True)
    found = items(data)
    cases = [
        case for case in expected["cases"] if case["seq_range"] == window and case["expr_type"] == expression
    ]
    assert [[g.id, g.name, g.chrom, g.tss, g.strand] for g in data.genes] == expected["genes"]
    assert [case["ensid"] for case in cases] == [gene.id for gene in data.genes]
    for case, example in zip(cases, (found[index] for index in range(len(found))), strict=True):
        key = f"{window}/{case['ensid']}"
        np.testing.assert_array_equal(example.bases, arrays[f"{key}/base"])
        np.testing.assert_array_equal(example.signals, arrays[f"{key}/signals"])
        np.testing.assert_array_equal(example.features, np.float32(case["rna_feat"]))
        np.testing.assert_array_equal(example.label, np.float32(case["expr"][0]))
        assert stretches(example.excluded.numpy()) == case["black"]
        assert set(example.fixed_mask.unique().tolist()) <= {0.0, 1.0}
        assert stretches(example.fixed_mask.numpy() != 0) == case["peak"]


def test_the_correct_alignment_moves_contact_alone(folder: Path) -> None:
    published = PublishedFolder(folder, "GM12878")
    correct = PublishedFolder(folder, "GM12878", alignment="correct")
    read = ([found[index] for index in range(len(found))] for found in map(items, (published, correct)))
    moved = []
    for gene, theirs, ours in zip(published.genes, *read, strict=True):
        assert torch.equal(theirs.signals[:, :2], ours.signals[:, :2])
        if not torch.equal(theirs.signals[:, 2], ours.signals[:, 2]):
            moved.append(gene.name)
    assert moved == ["GB", "GC"]  # near the two ends of chr1


def test_items_make_batches_in_other_processes_too(folder: Path) -> None:
    data = items(PublishedFolder(folder, "GM12878", 20_000))
    loader = DataLoader(
        data, batch_size=3, collate_fn=as_batch, num_workers=1, multiprocessing_context="spawn"
    )
    batches = list(loader)
    assert [batch.signals.shape for batch in batches] == [(3, 20_000, 3)] * 2
    assert torch.equal(batches[1].signals[2], data[5].signals)
    assert batches[0].fixed_mask is None


def test_a_fold_is_that_of_the_table(folder: Path) -> None:
    data = PublishedFolder(folder, "GM12878", 20_000)
    split = data.split()
    assert [[gene.name for gene in part] for part in (split.train, split.valid, split.test)] == [
        ["GB", "GE"],
        ["GC", "GF"],
        ["GA", "GD"],
    ]
    with pytest.raises(InputError, match="no column fold_13"):
        data.split(13)


def test_genes_that_are_not_described_in_full_are_left_out(folder: Path) -> None:
    table = folder / TABLES / "GM12878_K562_18377_gene_expr_fromXpresso.csv"
    lines = table.read_text().splitlines()
    lines[1] = lines[1].rsplit(",", 1)[0] + ","  # GA's label
    del lines[3]  # GC
    table.write_text("\n".join(lines) + "\n")
    data = PublishedFolder(folder, "GM12878", 20_000)
    assert [gene.name for gene in data.genes] == ["GB", "GD", "GE", "GF"]
    assert data.missing == ("ENSG00000000001", "ENSG00000000003")


def test_what_is_missing_is_one_line_that_names_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match="cell type 'H1': the data folder is read for K562 and GM12878"):
        PublishedFolder(folder, "H1")
    with pytest.raises(InputError, match=r"ENCFF257HEE.*GeneList\.txt"):
        PublishedFolder(folder, "K562")
    data = items(PublishedFolder(folder, "GM12878", 20_000))
    contacts = folder / TABLES / "HiC" / "GM12878"
    with h5py.File(contacts / "hic_feat_chr2.h5", "a") as file:
        del file["chr2_75000"]
    with pytest.raises(
        InputError, match=r"hic_feat_chr2\.h5: no vector chr2_75000 of the gene ENSG00000000004"
    ):
        data[3]
    (contacts / "hic_feat_chr2.h5").write_bytes(b"no HDF5")
    with pytest.raises(InputError, match=r"hic_feat_chr2\.h5: cannot be read as HDF5"):
        data[3]
    with pytest.raises(InputError, match="chr1_210000 holds 200,000 bases, use a window of no more"):
        items(PublishedFolder(folder, "GM12878", 210_000))[0]
    shutil.copyfile(folder / "hg38_blacklist_dict_v1.pkl", folder / "hg38_blacklist_dict_v2.pkl")
    with pytest.raises(InputError, match=r"needs one black list .* there: \S+v1\.pkl, \S+v2\.pkl"):
        PublishedFolder(folder, "GM12878")
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(TracksError, match=r"pip install 'seq2exp-tracks\[published-data\]'"):
        data[0]


@pytest.mark.parametrize("protocol", [3, 4, 5])
@pytest.mark.parametrize("spelling", ["numpy._core", "numpy.core"])
def test_masks_are_read_in_both_spellings_of_numpy(tmp_path: Path, protocol: int, spelling: str) -> None:
    masks = {"chr1": np.array([0, 1, 1, 0, 1], bool), "chr2": np.zeros(3, bool), "chr3": np.ones(2, bool)}
    pickled = pickle.dumps(masks, protocol)
    assert b"numpy._core" in pickled
    path = tmp_path / "masks.pkl"
    path.write_bytes(respelled(pickled, spelling))
    other = {"numpy._core": b"numpy.core", "numpy.core": b"numpy._core"}[spelling]
    assert spelling.encode() in path.read_bytes()
    assert other not in path.read_bytes()
    found = read_mask_pickle(path).intervals
    assert {chrom: found[chrom].tolist() for chrom in found} == {
        "chr1": [[1, 3], [4, 5]],
        "chr2": [],
        "chr3": [[0, 2]],
    }


def respelled(pickled: bytes, spelling: str) -> bytes:
    """The pickle with another name of numpy's module."""
    if spelling == "numpy._core":
        return pickled
    out = bytearray()
    for part in pickled.split(b"numpy._core"):
        out += part + b"numpy.core"
    out = out.removesuffix(b"numpy.core")
    # Text that is not ended by a line has its length before it.
    for helper in (b".multiarray", b".numeric"):
        old, new = (b"numpy._core" + helper, b"numpy.core" + helper)
        out = out.replace(bytes([0x8C, len(old)]) + new, bytes([0x8C, len(new)]) + new)
    return without_frames(bytes(out))


def without_frames(pickled: bytes) -> bytes:
    """The pickle without its frames, which say how long they are."""
    frame = pickled.find(b"\x95")
    if pickled[1] < 4 or frame != 2:
        return pickled
    return pickled[:frame] + pickled[frame + 9 :]


class Calls:
    """Pickles as a call of a function with arguments."""

    def __init__(self, function, *arguments) -> None:
        self.call = (function, arguments)

    def __reduce__(self):
        return self.call


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("place", ["alone", "value", "key", "beside"])
def test_code_in_a_pickle_of_masks_is_refused_and_not_run(tmp_path: Path, protocol: int, place: str) -> None:
    trace = tmp_path / "trace"
    evil = Calls(os.mkdir, str(trace))
    content = {
        "alone": evil,
        "value": {"chr1": evil},
        "key": {evil: np.ones(2, bool)},
        "beside": [{"chr1": np.ones(2, bool)}, evil],
    }[place]
    path = tmp_path / "masks.pkl"
    path.write_bytes(pickle.dumps(content, protocol))
    with pytest.raises(InputError, match=r"masks\.pkl: refused: its pickle asks for ") as caught:
        read_mask_pickle(path)
    assert "\n" not in str(caught.value)
    assert not trace.exists()


@pytest.mark.parametrize(
    "content",
    [
        {"chr1": np.ones(3)},
        {"chr1": np.ones(3, np.uint8)},
        {"chr1": np.ones((2, 2), bool)},
        {"chr1": np.array(["os.system"], object)},
        {"chr1": True},
        {"chr1": [True, False]},
        {1: np.ones(2, bool)},
        np.ones(3, bool),
        "chr1",
    ],
)
@pytest.mark.parametrize("protocol", [4, 5])
def test_what_is_no_mask_is_refused(tmp_path: Path, content: object, protocol: int) -> None:
    path = tmp_path / "masks.pkl"
    path.write_bytes(pickle.dumps(content, protocol))
    with pytest.raises(InputError, match=r"masks\.pkl: ") as caught:
        read_mask_pickle(path)
    assert "\n" not in str(caught.value)


def test_a_damaged_pickle_is_refused_wherever_it_ends(tmp_path: Path) -> None:
    whole = pickle.dumps({"chr1": np.ones(20, bool)}, 4)
    path = tmp_path / "masks.pkl"
    for end in range(len(whole)):
        path.write_bytes(whole[:end])
        with pytest.raises(InputError, match=r"masks\.pkl: damaged"):
            read_mask_pickle(path)
    flipped = bytearray(whole)
    flipped[whole.index(b"\1" * 20)] = 2
    path.write_bytes(flipped)
    with pytest.raises(InputError, match="booleans that are neither 0 nor 1"):
        read_mask_pickle(path)
    with pytest.raises(InputError, match="no such file"):
        read_mask_pickle(tmp_path / "none.pkl")
