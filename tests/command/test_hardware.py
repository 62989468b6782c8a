"""What a run computes with: what the user is told, what the manifest keeps, and what no file depends on."""

from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from playground import Playground, Run

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.manifest import Manifest
from seq2exp_tracks.model import SOFT, Seq2Exp
from seq2exp_tracks.model.caduceus import Stack
from seq2exp_tracks.model.gpu import door
from seq2exp_tracks.model.precision import Precision
from seq2exp_tracks.pipeline import ScoreRequest, make_tracks
from seq2exp_tracks.pipeline import job as job_module
from seq2exp_tracks.pipeline.hardware import Hardware
from seq2exp_tracks.resources.registry import GenomeEntry
from seq2exp_tracks.scoring import default_workers, devices
from seq2exp_tracks.scoring.executors.gpus import score_on_gpus

CPU = torch.device("cpu")
GPUS = (torch.device("cuda:0"), torch.device("cuda:1"))


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A machine with GPUs, with or without Triton."""

    def pretend(gpus: int, triton: bool) -> None:
        monkeypatch.setattr(torch.cuda, "is_available", lambda: gpus > 0)
        monkeypatch.setattr(torch.cuda, "device_count", lambda: gpus)
        monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: f"H{device.index}00")
        monkeypatch.setattr(door, "_found", lambda: "3.7.1" if triton else None)
        monkeypatch.setenv("SEQ2EXP_KERNELS", "auto")
        door._warn.cache_clear()

    yield pretend
    door._warn.cache_clear()


def test_a_run_on_gpus_says_which_they_are_and_keeps_it(machine: Any) -> None:
    machine(gpus=2, triton=True)
    hardware = Hardware.choose("auto", precision="bf16", in_flight=7)
    assert (hardware.devices, hardware.in_flight, hardware.on_gpu) == (GPUS, 7, True)
    assert hardware.notes(SOFT) == ["scoring on cuda:0 (H000), cuda:1 (H100), kernels: Triton, bf16"]
    assert hardware.record(SOFT) == {
        "devices": ["H000", "H100"],
        "kernels": "Triton",
        "precision_compute": "bf16",
    }


def test_a_gpu_without_triton_runs_pytorch_with_a_warning(machine: Any) -> None:
    machine(gpus=1, triton=False)
    told, warning = Hardware.choose("cuda").notes(SOFT)
    assert told == "scoring on cuda:0 (H000), kernels: PyTorch on cuda, fp32"
    assert warning.startswith("Triton is not installed: the GPU runs plain PyTorch")


def test_auto_says_what_a_gpu_lacks_that_it_passes_over(machine: Any) -> None:
    machine(gpus=1, triton=False)
    kernels = devices.kernels_of(SOFT, CPU)
    told = f"scoring on the CPU, kernels: {kernels}"
    assert Hardware.choose("auto").notes(SOFT) == [f"{told}; for the GPU: install Triton 3.3 or later"]
    assert Hardware.choose("cpu").notes(SOFT) == [told]
    machine(gpus=0, triton=False)
    assert Hardware.choose("auto").notes(SOFT) == [told]


def test_a_cpu_computes_in_fp32_whatever_it_is_asked(machine: Any) -> None:
    machine(gpus=0, triton=True)
    hardware = Hardware.choose("auto", workers=3)
    assert (hardware.devices, hardware.workers, hardware.on_gpu) == ((CPU,), 3, False)
    assert Hardware.choose("cpu").workers == default_workers()
    assert hardware.record(SOFT)["devices"] == ["cpu"]
    assert hardware.record(SOFT)["precision_compute"] == "fp32"
    with pytest.raises(InputError, match=r"^--precision-compute bf16: the CPU computes in fp32 only"):
        Hardware.choose("auto", precision="bf16")


def test_bf16_is_refused_where_only_pytorch_would_compute(machine: Any) -> None:
    machine(gpus=1, triton=False)
    said = (
        "^--precision-compute bf16: needs the Triton kernels, and this model runs with PyTorch on cuda here"
    )
    with pytest.raises(InputError, match=said):
        Hardware.choose("cuda", precision="bf16").notes(SOFT)


@pytest.mark.parametrize("precision", list(Precision))
def test_every_stack_of_the_model_computes_as_asked(precision: Precision) -> None:
    hardware = Hardware((CPU,), 1, precision)
    model = hardware.loader(partial(Seq2Exp.initialised, SOFT, 0))()
    stacks = [module for module in model.modules() if isinstance(module, Stack)]
    assert len(stacks) == 2
    assert {stack.precision for stack in stacks} == {precision}


@pytest.mark.slow
def test_the_command_tells_what_computes_first_and_the_manifest_keeps_it(
    playground: Playground, run: Run, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    done = run("score", *playground.inputs, "--gene", "A10", "--windows-in-flight", "3", "--out", out)
    assert done.returncode == 0, done.stderr
    settings = Manifest.read(out).settings
    assert (settings["devices"], settings["precision_compute"]) == (["cpu"], "fp32")
    assert done.stderr.splitlines()[0] == f"Note: scoring on the CPU, kernels: {settings['kernels']}"


def test_bench_refuses_bf16_on_a_cpu_in_one_line(inside: Run) -> None:
    done = inside("bench", "--device", "cpu", "--precision-compute", "bf16")
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert line.startswith("Error: --precision-compute bf16: the CPU computes in fp32 only")


@pytest.mark.slow
@pytest.mark.parametrize(("gpus", "in_flight"), [(2, 3)])
def test_files_are_the_same_for_any_number_of_gpus_and_of_windows_in_flight(
    playground: Playground, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, gpus: int, in_flight: int
) -> None:
    def on_gpus(load: Any, reader: Any, genes: Any, *_: Any, **__: Any) -> Any:
        return score_on_gpus(load, reader, genes, (CPU,) * gpus, in_flight)

    monkeypatch.setattr(job_module, "score_genes", on_gpus)
    genome, out = playground.genome, tmp_path / "run"
    make_tracks(
        ScoreRequest(
            genome=GenomeEntry("simulated", genome.fasta, genome.genes, genome.blacklist, genome.features),
            checkpoint=playground.checkpoint,
            signals={"H3K27ac": genome.h3k27ac, "DNase": genome.dnase},
            contacts=genome.contacts,
            labels=genome.labels,
            label_column="expression",
            writers=1,
            out=out,
        )
    )
    found, expected = (
        {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        for folder in (out, playground.demo.run)
    )
    del found[Path("manifest.json")], expected[Path("manifest.json")]
    assert found == expected
