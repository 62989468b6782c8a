"""Which genes are handed out when, and what is on the disk meanwhile."""

import os
import tempfile
from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st
from random_windows import READER, NothingDecoded, gene

from seq2exp_tracks.errors import OutputError
from seq2exp_tracks.genome import Gene
from seq2exp_tracks.scoring.decoding import Task, finished, plan_tasks, scratch_folder
from seq2exp_tracks.scoring.lost import GenesLostError, GenesUnreadableError


class Decoder:
    """Decodes at once, and remembers what."""

    def __init__(self) -> None:
        self.begun: list[list[Gene]] = []

    def __call__(self, genes: Sequence[Gene], folder: Path) -> Future[NothingDecoded]:
        self.begun.append(list(genes))
        future: Future[NothingDecoded] = Future()
        future.set_result(READER.decode(genes, folder))
        return future


def genes_on(counts: Sequence[int]) -> list[Gene]:
    """Some genes on each of several chromosomes."""
    return [
        gene(place, chrom=f"chr{number}") for number, count in enumerate(counts) for place in range(count)
    ]


def tasks_of(genes: list[Gene], decoder: Decoder, folder: Path, ahead: int = 1) -> list[Task]:
    """All tasks, each done before the next is asked for."""
    tasks = []
    for task in plan_tasks(genes, decoder, folder, ahead):  # type: ignore[arg-type] # a stand-in
        tasks.append(task)
        task.done()
    return tasks


@given(counts=st.lists(st.integers(1, 5), max_size=6), ahead=st.integers(1, 6))
def test_every_gene_is_handed_out_once_in_order_with_its_chromosome_decoded(
    tmp_path_factory: pytest.TempPathFactory, counts: list[int], ahead: int
) -> None:
    genes, decoder, folder = genes_on(counts), Decoder(), tmp_path_factory.mktemp("scratch")
    most = 0
    handed = []
    for task in plan_tasks(genes, decoder, folder, ahead):  # type: ignore[arg-type] # a stand-in
        handed.append(task.gene)
        assert task.decoded is not None
        assert task.gene.id in task.decoded.genes  # type: ignore[attr-defined] # a stand-in
        assert (task.decoded.folder / "genes").exists()
        most = max(most, len(list(folder.iterdir())))
        task.done()
    assert handed == genes
    assert [one for begun in decoder.begun for one in begun] == genes
    assert len(decoder.begun) == len(counts)
    assert list(folder.iterdir()) == []
    assert most <= max(2, 1 + ahead)


def test_the_next_chromosome_is_begun_before_the_first_gene_of_this_one_is_handed_out(tmp_path: Path) -> None:
    decoder, genes = Decoder(), genes_on([5, 5, 5])
    tasks = plan_tasks(genes, decoder, tmp_path, ahead=2)  # type: ignore[arg-type] # a stand-in
    begun = [(next(tasks), len(decoder.begun))[1] for _ in genes]
    assert begun == [2] * 5 + [3] * 10


def test_small_chromosomes_are_begun_until_there_is_work_for_all(tmp_path: Path) -> None:
    decoder = Decoder()
    next(plan_tasks(genes_on([1] * 10), decoder, tmp_path, ahead=4))  # type: ignore[arg-type] # a stand-in
    assert len(decoder.begun) == 5


def test_genes_that_come_back_to_a_chromosome_are_read_from_the_files(tmp_path: Path) -> None:
    genes, decoder = [gene(1, chrom="chr1"), gene(1, chrom="chr2"), gene(2, chrom="chr1")], Decoder()
    assert tasks_of(genes, decoder, tmp_path) == [Task(one, None, last=False) for one in genes]
    assert decoder.begun == []


def test_without_a_decoder_every_gene_is_read_from_the_files(tmp_path: Path) -> None:
    genes = genes_on([2, 1])
    tasks = list(plan_tasks(genes, None, tmp_path, ahead=1))
    assert tasks == [Task(one, None, last=False) for one in genes]
    assert [task.reader(READER) for task in tasks] == [READER] * 3  # type: ignore[arg-type] # a stand-in


def test_decoding_in_this_process_is_done_when_it_is_begun(tmp_path: Path) -> None:
    future = finished(READER.decode)([gene(1)], tmp_path / "0")  # type: ignore[arg-type] # a stand-in
    assert future.done()
    assert (tmp_path / "0" / "genes").read_text() == "chr1-1"


def test_what_cannot_be_decoded_in_this_process_is_told_when_its_turn_comes(tmp_path: Path) -> None:
    bad = gene(7, "undecodable", chrom="chr2")
    tasks = plan_tasks([gene(1), bad], finished(READER.decode), tmp_path, ahead=9)  # type: ignore[arg-type] # a stand-in
    assert next(tasks).gene == gene(1)
    with pytest.raises(GenesUnreadableError, match=r"^genome\.fa: damaged$") as raised:
        next(tasks)
    assert raised.value.genes == (bad,)


def test_decoding_in_this_process_that_memory_does_not_hold_can_be_tried_again(tmp_path: Path) -> None:
    def full(genes: Sequence[Gene], folder: Path) -> NoReturn:
        raise MemoryError

    with pytest.raises(GenesLostError, match=r"^gene g1 \(chr1-1\): memory ran out; ") as raised:
        next(plan_tasks([gene(1), gene(2)], finished(full), tmp_path, ahead=1))
    assert (raised.value.genes, raised.value.again) == ((gene(1), gene(2)), True)


def test_the_scratch_folder_is_where_tmpdir_says_and_goes_with_all_that_is_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", None)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    folders = []

    def interrupted() -> None:
        with scratch_folder() as scratch:
            folders.append(scratch)
            (scratch / "0").mkdir()
            (scratch / "0" / "bases").touch()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert folders[0].parent == tmp_path
    assert folders[0].name.startswith("seq2exp-tracks-")
    assert list(tmp_path.iterdir()) == []


def test_a_place_where_no_folder_can_be_made_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", f"/proc/{os.getpid()}/nowhere")
    told = r"^no place for the decoded inputs: .*; set TMPDIR to a folder that can be written$"
    with pytest.raises(OutputError, match=told), scratch_folder():
        pytest.fail("there is no folder")
