"""What a compiled kernel is made of: registers, spills and loops, by the tools that come with Triton."""

import re
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import triton

TOOLS = Path(triton.__file__).parent / "backends" / "nvidia" / "bin"
EXPONENTIAL = "MUFU.EX2"

# An address, what guards the instruction, if anything does, and the instruction itself.
_INSTRUCTION = re.compile(r"/\*[0-9a-f]{4,}\*/\s+(?:@!?\w+\s+)?(\S.*?);")
_LABEL = re.compile(r"^\s*(\.L_\w+):")
_BRANCH = re.compile(r"^BRA\S*\s.*`\((\.L_\w+)\)")


@dataclass(frozen=True)
class Loop:
    """An innermost loop.

    Attributes:
        instructions: Instructions of a round.
        exponentials: How many of them are powers of two.
    """

    instructions: int
    exponentials: int


@dataclass(frozen=True)
class Code:
    """A kernel for one GPU.

    Attributes:
        registers: Registers of a thread.
        spills: Instructions that write to or read from a thread's own memory, because registers ran out.
        stack: Bytes of that memory.
        shared: Bytes of shared memory that the binary itself asks for.
        loops: Innermost loops in their order.
    """

    registers: int
    spills: int
    stack: int
    shared: int
    loops: list[Loop]

    @classmethod
    def of(cls, cubin: bytes) -> "Code":
        """Takes a binary apart."""
        with tempfile.NamedTemporaryFile(suffix=".cubin") as file:
            file.write(cubin)
            file.flush()
            usage = _run("cuobjdump", "-res-usage", file.name)
            listing = _run("nvdisasm", "-c", file.name).splitlines()
        instructions, labels = parsed(listing)
        return cls(
            registers=_number(r"REG:(\d+)", usage),
            spills=sum(name.startswith(("STL", "LDL")) for name in instructions),
            stack=_number(r"STACK:(\d+)", usage) + _number(r"LOCAL:(\d+)", usage),
            shared=_number(r"SHARED:(\d+)", usage),
            loops=list(innermost(instructions, labels)),
        )


def parsed(listing: list[str]) -> tuple[list[str], dict[str, int]]:
    """Instructions in their order, and the number of the first one behind each label."""
    instructions: list[str] = []
    labels: dict[str, int] = {}
    for line in listing:
        if label := _LABEL.match(line):
            labels[label[1]] = len(instructions)
        elif found := _INSTRUCTION.search(line):
            instructions.append(found[1].strip())
    return instructions, labels


def innermost(instructions: list[str], labels: dict[str, int]) -> Iterator[Loop]:
    """Stretches that end with a branch back to their first instruction and hold no other such stretch.

    The last branch of a program goes to itself: that is no loop.
    """
    backward = [
        (labels[branch[1]], number)
        for number, instruction in enumerate(instructions)
        if (branch := _BRANCH.match(instruction)) and labels[branch[1]] < number
    ]
    for first, last in backward:
        if any(first <= inner and end < last for inner, end in backward):
            continue
        body = instructions[first : last + 1]
        yield Loop(len(body), sum(name.startswith(EXPONENTIAL) for name in body))


def _run(tool: str, *arguments: str) -> str:
    return subprocess.run([TOOLS / tool, *arguments], capture_output=True, text=True, check=True).stdout


def _number(pattern: str, text: str) -> int:
    found = re.search(pattern, text)
    if found is None:
        raise ValueError(f"cuobjdump -res-usage tells nothing that looks like {pattern}: {text!r}")
    return int(found[1])
