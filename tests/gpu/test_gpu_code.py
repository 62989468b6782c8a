"""The kernels compile for GPUs at the published sizes, spill no registers, and take few instructions."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import gpu_code
import pytest
from gpu_code import Processor, Row, instructions
from gpu_sass import Loop, innermost, parsed

PROGRAM = Path(gpu_code.__file__)
KERNELS = {"project", "couple", "sweep", "turn"}  # of scoring; continuous integration compiles all


def run(*arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Runs the program in a process of its own: here Triton interprets, there it compiles."""
    inherited = {name: value for name, value in os.environ.items() if name != "TRITON_INTERPRET"}
    command = [sys.executable, str(PROGRAM), *arguments]
    return subprocess.run(command, env=inherited | environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    done = run("--json", "--target", "sm_90", "--scoring")
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


@pytest.mark.slow
def test_all_kernels_are_compiled_in_both_precisions(rows: list[dict[str, Any]]) -> None:
    found = {(row["kernel"], row["target"], row["precision"]) for row in rows}
    assert found == {(kernel, "sm_90", precision) for kernel in KERNELS for precision in ("fp32", "bf16")}


@pytest.mark.slow
def test_no_kernel_spills_registers(rows: list[dict[str, Any]]) -> None:
    assert {(row["kernel"], row["spills"], row["stack"]) for row in rows} == {
        (kernel, 0, 0) for kernel in KERNELS
    }


@pytest.mark.slow
def test_a_scan_takes_at_most_twelve_instructions_a_state(rows: list[dict[str, Any]]) -> None:
    scans = [row["state"] for row in rows if row["kernel"] == "sweep"]
    # An exponential, two products with a sum and one without are the least.
    assert len(scans) == 2
    assert all(4 <= state <= 12 for state in scans), scans


@pytest.mark.slow
def test_every_program_fits_a_processor(rows: list[dict[str, Any]]) -> None:
    assert all(row["registers"] <= 255 and row["resident"] >= 1 for row in rows)


def test_the_interpreter_has_nothing_to_show() -> None:
    done = run(TRITON_INTERPRET="1")
    assert done.returncode != 0
    assert "TRITON_INTERPRET=1 leaves nothing to compile: unset it" in done.stderr


LISTING = """
.L_x_0:
        /*0000*/                   LDC R1, c[0x0][0x28] ;
        /*0010*/              @!P0 STL [R1+0x4], R7 ;
.L_x_1:
        /*0020*/                   MUFU.EX2 R4, R4 ;
.L_x_2:
        /*0030*/                   MUFU.EX2 R5, R5 ;
        /*0040*/               @P1 BRA `(.L_x_2) ;
        /*0050*/              @!P2 BRA `(.L_x_1) ;
        /*0060*/                   EXIT ;
.L_x_3:
        /*0070*/                   BRA `(.L_x_3);
"""


def test_only_innermost_loops_are_counted() -> None:
    found, labels = parsed(LISTING.splitlines())
    assert found[:2] == ["LDC R1, c[0x0][0x28]", "STL [R1+0x4], R7"]
    assert labels == {".L_x_0": 0, ".L_x_1": 2, ".L_x_2": 3, ".L_x_3": 7}
    assert list(innermost(found, labels)) == [Loop(instructions=2, exponentials=1)]


def test_instructions_of_a_step_are_those_of_a_round_over_its_steps() -> None:
    loops = [Loop(30, 0), Loop(180, 18), Loop(2 * 170, 2 * 18)]  # the last one does two steps a round
    assert instructions(loops, others=2, both=False) == 170
    assert instructions(loops, others=2, both=True) == 180 + 170
    assert instructions(loops[:1], others=2, both=False) == 0


SOUND = Row(
    kernel="sweep",
    target="sm_90",
    precision="fp32",
    variant="",
    warps=2,
    registers=112,
    spills=0,
    stack=0,
    shared=0,
    resident=9,
    step=180.0,
    state=11.25,
)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({}, ""),
        ({"spills": 1}, "spills"),
        ({"stack": 8}, "spills"),
        ({"state": 12.1}, "takes 12.1 instructions a state"),
        ({"state": 0.0}, "no loop over states"),
        ({"resident": 0}, "fits no processor"),
    ],
)
def test_faults_are_told(changes: dict[str, Any], fault: str) -> None:
    faults = replace(SOUND, **changes).faults()
    assert len(faults) == bool(fault)
    assert all(fault in told for told in faults)


@pytest.mark.parametrize(
    ("registers", "warps", "shared", "programs"),
    [
        (32, 1, 0, 32),  # no more than 32 programs
        (32, 16, 0, 4),  # 64 warps
        (255, 8, 0, 1),  # 65,536 registers
        (112, 2, 0, 9),
        (32, 4, 100 * 1024, 1),  # 164 kB of shared memory, a kB of which each program loses
    ],
)
def test_a_processor_holds_what_its_scarcest_part_allows(
    registers: int, warps: int, shared: int, programs: int
) -> None:
    assert Processor(warps=64, programs=32, shared=164 * 1024).holds(registers, warps, shared) == programs
