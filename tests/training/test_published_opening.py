"""What `train --published` reads of a gene is what the published dataset gives of it."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.progress import Silent
from seq2exp_tracks.training import gene_examples
from seq2exp_tracks.training.published_folder import PublishedFolder, published_genome
from seq2exp_tracks.training.published_opening import PeakTrack, open_published
from seq2exp_tracks.training.request import TrainRequest
from seq2exp_tracks.training.settings import Setting


@pytest.fixture(scope="module")
def folder(golden: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy that can be written: the genome gets an index beside it."""
    target: Path = tmp_path_factory.mktemp("published") / "data"
    shutil.copytree(golden / "data_folder", target, copy_function=shutil.copyfile)
    for path in [target, *target.rglob("*")]:
        path.chmod(0o755)
    return target


@pytest.mark.parametrize("in_memory", [True, False])
@pytest.mark.parametrize("setting", [Setting.SOFT, Setting.FIXED])
def test_every_example_is_an_item_of_the_dataset(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, in_memory: bool, setting: Setting
) -> None:
    monkeypatch.setattr(gene_examples, "IN_MEMORY", gene_examples.IN_MEMORY if in_memory else 0)
    request = TrainRequest(
        genome=published_genome(folder, "GM12878"),
        published=folder,
        cell_type="GM12878",
        setting=setting,
        window=20_000,
        out=tmp_path,
    )
    opened = open_published(request, request.config, Silent())
    data = PublishedFolder(folder, "GM12878", 20_000, with_peaks=setting is Setting.FIXED)
    mask = None if data.peaks is None else PeakTrack(data.peaks)
    direct = gene_examples.ExampleReader(data.reader, data.labels, mask)
    assert dict(opened.split) == dict(data.split())
    for part, genes in opened.split:
        examples = opened.reader.prepare(genes, tmp_path / part, Silent())
        for gene, found in zip(genes, (examples[number] for number in range(len(genes))), strict=True):
            for name, ours, theirs in zip(found._fields, found, direct.read(gene), strict=True):
                assert (ours is None and theirs is None) or torch.equal(ours, theirs), (gene.name, name)


def test_genes_without_a_label_are_counted_and_left_out(folder: Path, tmp_path: Path) -> None:
    copy = tmp_path / "data"
    shutil.copytree(folder, copy)
    table = copy / "promo_enhan_inter" / "GM12878_K562_18377_gene_expr_fromXpresso.csv"
    lines = table.read_text().splitlines()
    lines[1] = lines[1].rsplit(",", 1)[0] + ","  # GA's label
    table.write_text("\n".join(lines) + "\n")
    request = TrainRequest(
        genome=published_genome(copy, "GM12878"),
        published=copy,
        cell_type="GM12878",
        window=20_000,
        out=tmp_path / "out",
    )
    opened = open_published(request, request.config, Silent())
    assert [gene.name for gene in opened.split.test] == ["GD"]
    with pytest.raises(InputError, match="no gene is in the part test: choose another --split"):
        open_published(replace(request, chroms=("chr1",)), request.config, Silent())
    assert opened.notes[0] == (f"{copy}: 1 gene(s) lack TSS, features or label (ENSG00000000001); left out")
