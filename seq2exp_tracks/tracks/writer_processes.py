"""Writers in processes of their own: each takes the windows of one chromosome at a time and writes a section.

A window is handed over in memory that both processes map, in one of a few slots that are used again and
again: at 200 kb it has 3.4 MB, which a pipe would carry in pieces of 64 kB. The pipe carries the rest, and
tells the slots that are free. When all of a writer's slots are taken, `add` waits: memory is bounded.
"""

import ctypes
import multiprocessing
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

import numpy as np

from seq2exp_tracks.errors import TracksError
from seq2exp_tracks.genome import ChromSizes
from seq2exp_tracks.processes import deaf_children
from seq2exp_tracks.tracks.section import ScoredGene, Section, SectionWriter
from seq2exp_tracks.tracks.settings import WriterSettings
from seq2exp_tracks.tracks.transport import Packed, pack, packed_bytes, unpack

# Windows that may wait for a writer: enough to go on while it compresses a piece, and 55 MB at 200 kb.
SLOTS = 16

_SPAWN = multiprocessing.get_context("spawn")


@dataclass(frozen=True, slots=True, eq=False)
class _Begin:
    """Begin a section of this number."""

    number: int


@dataclass(frozen=True, slots=True, eq=False)
class _End:
    """End the section, and send it back."""


class WriterProcesses:
    """Several processes that write sections, a chromosome each.

    Args:
        folder: Where a run's files are until it is whole.
        sizes: Chromosomes of the genome.
        settings: How scores become files.
        count: How many processes, at least one. They start when they are needed.
    """

    def __init__(self, folder: Path, sizes: ChromSizes, settings: WriterSettings, count: int) -> None:
        self._task = (folder, sizes, settings)
        self._count = count
        self._writers: list[_Writer] = []
        self._chroms: list[str] = []

    def add(self, gene: ScoredGene) -> None:
        """Hands a gene to the writer of its chromosome, once that has room.

        Raises:
            TracksError: If a writer was killed; whatever error one of them met with.
        """
        chrom = gene.scores.window.inside.chrom
        if not self._chroms or chrom != self._chroms[-1]:
            self._begin(chrom, gene)
        self._writers[(len(self._chroms) - 1) % self._count].give(gene)

    def finish(self) -> list[Section]:
        """Waits until all is written; returns a section for each chromosome, in their order."""
        for writer in self._writers:
            writer.end_section()
        for writer in self._writers:
            writer.wait_for_sections()
        sections = {number: section for writer in self._writers for number, section in writer.sections}
        while self._writers:
            self._writers.pop().close()
        return [sections[number] for number in range(len(self._chroms))]

    def abort(self) -> None:
        """Ends the processes at once."""
        for writer in self._writers:
            writer.kill()

    def _begin(self, chrom: str, gene: ScoredGene) -> None:
        """Gives a new chromosome to the next writer in turn."""
        number = len(self._chroms)
        if number < self._count:
            # Windows of one run are of one length: none needs more than the first, padding included.
            longest = len(gene.scores.window)
            self._writers.append(_Writer(self._task, packed_bytes(longest)))
        else:
            self._writers[number % self._count].end_section()
        self._chroms.append(chrom)
        self._writers[number % self._count].begin_section(number)


class _Writer:
    """One process, as seen from the one that scores."""

    def __init__(self, task: tuple[Path, ChromSizes, WriterSettings], slot_bytes: int) -> None:
        self.sections: list[tuple[int, Section]] = []
        self._asked = 0
        # Unlike named shared memory, this is gone with the last process that maps it.
        memory = _SPAWN.RawArray(ctypes.c_char, SLOTS * slot_bytes)
        self._slots = _slots(memory)
        self._free = list(range(SLOTS))
        self._pipe, theirs = _SPAWN.Pipe()
        self._process = _SPAWN.Process(target=_write, args=(theirs, memory, *task), daemon=True)
        with deaf_children():
            self._process.start()
        theirs.close()

    def give(self, gene: ScoredGene) -> None:
        """Hands over a gene; waits for a free slot."""
        while self._pipe.poll():
            self._listen()
        while not self._free:
            self._listen()
        slot = self._free.pop()
        self._send((slot, pack(gene, self._slots[slot])))

    def begin_section(self, number: int) -> None:
        """Begins a section."""
        self._asked += 1
        self._send(_Begin(number))

    def end_section(self) -> None:
        """Ends the section that was begun last."""
        self._send(_End())

    def wait_for_sections(self) -> None:
        """Waits until every section that was begun is there."""
        while len(self.sections) < self._asked:
            self._listen()

    def close(self) -> None:
        """Lets the process end, whose work is done."""
        self._pipe.close()
        self._process.join()
        self._process.close()

    def kill(self) -> None:
        """Ends the process at once."""
        self._process.kill()
        self.close()

    def _send(self, message: object) -> None:
        try:
            self._pipe.send(message)
        except OSError as error:
            # What the writer said before it ended explains it best.
            while True:
                self._listen(error)

    def _listen(self, cause: Exception | None = None) -> None:
        """Takes one message of the writer: a free slot, a section, or the error that ended it."""
        wait([self._pipe])
        try:
            message: int | tuple[int, Section] | BaseException = self._pipe.recv()
        except (EOFError, OSError) as error:
            raise TracksError(
                "a process that writes tracks died, most likely because memory ran out; use --writers 0"
            ) from (cause or error)
        if isinstance(message, BaseException):
            raise message
        if isinstance(message, int):
            self._free.append(message)
        else:
            self.sections.append(message)


def _slots(memory: Any) -> list[np.ndarray]:
    """The slots of the shared memory, as bytes."""
    return list(np.frombuffer(memory, np.uint8).reshape(SLOTS, -1))


def _write(pipe: Connection, memory: Any, folder: Path, sizes: ChromSizes, settings: WriterSettings) -> None:
    """What a writer process does: sections, until the pipe is closed."""
    try:
        for number, messages in _sections(pipe):
            section = SectionWriter(folder, number, sizes, settings)
            for slot, packed in messages:
                section.add(unpack(packed, _slots(memory)[slot]))
                pipe.send(slot)
            pipe.send((number, section.finish()))
    except (EOFError, BrokenPipeError):
        # The process that scores has ended.
        return
    except BaseException as error:
        if not isinstance(error, TracksError):
            error.add_note(f"in a process that writes tracks:\n{traceback.format_exc()}")
        pipe.send(error)


def _sections(pipe: Connection) -> Iterator[tuple[int, Iterator[tuple[int, Packed]]]]:
    """The number of each section and its genes as they come."""
    while True:
        begin: _Begin = pipe.recv()
        yield begin.number, _genes(pipe)


def _genes(pipe: Connection) -> Iterator[tuple[int, Packed]]:
    while not isinstance(message := pipe.recv(), _End):
        yield message
