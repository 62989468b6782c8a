"""Pieces of work that are shared out among processes: where one dies or hangs, it is known whose it was."""

import os
import time
from dataclasses import dataclass

import pytest
import torch
from genome_reader import GenomeReader, gene

from seq2exp_tracks.genome import ChromSizes, Gene
from seq2exp_tracks.inputs import InputReader
from seq2exp_tracks.model import Seq2Exp
from seq2exp_tracks.scoring.executors.units import work_in_order
from seq2exp_tracks.scoring.lost import GenesLostError

READER = GenomeReader(ChromSizes({"chrA": 300}), 100)
GENES = tuple(gene("chrA", tss) for tss in (10, 20, 30, 40))


@dataclass(frozen=True)
class Piece:
    """A piece of work, and what becomes of who does it."""

    genes: tuple[Gene, ...]
    becomes: str = ""


def no_model() -> Seq2Exp:
    return torch.nn.Identity()  # type: ignore[return-value] # nothing is scored


def work(model: Seq2Exp, reader: InputReader, piece: Piece, device: torch.device) -> int:
    if piece.becomes == "hung":
        time.sleep(60)
    if piece.becomes == "dead":
        os._exit(1)
    if piece.becomes == "short of memory":
        raise MemoryError
    return len(piece.genes)


def lost(becomes: str, workers: int = 2) -> GenesLostError:
    """What is told of the second of three pieces."""
    pieces = [Piece(GENES[:1]), Piece(GENES[1:3], becomes), Piece(GENES[3:])]
    done = work_in_order(work, pieces, no_model, READER, torch.device("cpu"), workers, patience=3)
    with pytest.raises(GenesLostError) as raised:
        list(done)
    assert (raised.value.genes, raised.value.again) == (GENES[1:3], True)
    return raised.value


@pytest.mark.slow
def test_a_process_that_is_too_long_at_a_unit_is_ended() -> None:
    began = time.monotonic()
    told = (
        f"gene {GENES[1].name} ({GENES[1].id}) and 1 more: a worker was at it for more than 3 s (--patience)"
    )
    assert str(lost("hung")) == f"{told} and was ended"
    assert time.monotonic() - began < 50


@pytest.mark.slow
def test_a_process_that_dies_loses_the_genes_of_its_unit() -> None:
    told = "a worker process died, most likely because memory ran out; use fewer with --workers"
    assert str(lost("dead")) == told


@pytest.mark.parametrize("workers", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_a_unit_that_memory_does_not_hold_is_lost_and_can_be_tried_again(workers: int) -> None:
    told = f"gene {GENES[1].name} ({GENES[1].id}): memory ran out; use fewer with --workers"
    assert str(lost("short of memory", workers)) == told
