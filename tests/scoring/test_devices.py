"""Which devices a user means, and how a process is set up for one. GPUs are made up: none is needed."""

import os

import pytest
import torch
from random_windows import TINY, TINY_HARD

from seq2exp_tracks.errors import TracksError
from seq2exp_tracks.model import HARD, SOFT
from seq2exp_tracks.model.compiled.machine import runnable
from seq2exp_tracks.model.config import Directions, MambaConfig, ModelConfig
from seq2exp_tracks.scoring import devices
from seq2exp_tracks.scoring.devices import free_memory, kernels_of, kind_of, let_go, resolve_devices, set_up

CPU = torch.device("cpu")
GPUS = (torch.device("cuda:0"), torch.device("cuda:1"))


class Machine:
    """What torch and Triton say of a machine."""

    def __init__(self, patch: pytest.MonkeyPatch, gpus: int, triton: bool) -> None:
        patch.setattr(torch.cuda, "is_available", lambda: gpus > 0)
        patch.setattr(torch.cuda, "device_count", lambda: gpus)
        patch.setattr(torch.cuda, "get_device_name", lambda device: f"GPU number {device.index}")
        patch.setattr(devices, "installed", lambda: triton)
        patch.setattr(devices, "kernels_for", lambda device: device.type == "cuda" and triton)


@pytest.mark.parametrize(
    ("gpus", "triton", "chosen"),
    [(0, True, (CPU,)), (2, True, GPUS), (1, True, GPUS[:1]), (2, False, (CPU,))],
)
def test_auto_is_all_gpus_that_there_are_kernels_for_else_the_cpu(
    monkeypatch: pytest.MonkeyPatch, gpus: int, triton: bool, chosen: tuple[torch.device, ...]
) -> None:
    Machine(monkeypatch, gpus, triton)
    assert resolve_devices("auto") == chosen


def test_gpus_are_used_as_asked_for_also_without_triton(monkeypatch: pytest.MonkeyPatch) -> None:
    Machine(monkeypatch, gpus=2, triton=False)
    assert resolve_devices("cuda") == GPUS
    assert resolve_devices("cuda:1") == GPUS[1:]
    assert resolve_devices("cpu") == (CPU,)


@pytest.mark.parametrize(
    ("name", "gpus", "said"),
    [
        ("cuda", 0, r"^device 'cuda': torch .* sees no GPU here; use --device cpu$"),
        ("cuda:0", 0, r"^device 'cuda:0': torch .* sees no GPU here; use --device cpu$"),
        ("cuda:2", 2, r"^device 'cuda:2': this machine has 2 GPU\(s\)$"),
        ("gpu", 2, "^device 'gpu' is unknown; use auto, cpu, cuda or cuda:1$"),
        ("mps", 2, "'mps' is unknown"),
        ("cuda:", 2, "'cuda:' is unknown"),
    ],
)
def test_a_device_that_is_not_there_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, gpus: int, said: str
) -> None:
    Machine(monkeypatch, gpus, triton=True)
    with pytest.raises(TracksError, match=said):
        resolve_devices(name)


@pytest.mark.parametrize("config", [SOFT, HARD, TINY, TINY_HARD])
def test_gpus_run_triton_where_it_is_installed(monkeypatch: pytest.MonkeyPatch, config: ModelConfig) -> None:
    Machine(monkeypatch, gpus=1, triton=True)
    assert kernels_of(config, GPUS[0]) == "Triton"
    Machine(monkeypatch, gpus=1, triton=False)
    assert kernels_of(config, GPUS[0]) == "PyTorch on cuda"


@pytest.mark.parametrize("mamba", [MambaConfig(tied=False), MambaConfig(directions=Directions.FORWARD)])
def test_layers_that_there_are_no_kernels_for_run_in_pytorch_on_a_gpu(
    monkeypatch: pytest.MonkeyPatch, mamba: MambaConfig
) -> None:
    Machine(monkeypatch, gpus=1, triton=True)
    config = ModelConfig(window=600, d_model=8, generator_layers=1, encoder_layers=1, mamba=mamba)
    assert kernels_of(config, GPUS[0]) == "PyTorch on cuda"


def test_a_cpu_runs_what_it_has_vector_instructions_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEQ2EXP_KERNELS", "reference")
    assert kernels_of(SOFT, CPU) == "PyTorch on cpu"
    monkeypatch.setenv("SEQ2EXP_KERNELS", "auto")
    assert kernels_of(SOFT, CPU) == (runnable()[0] if runnable() else "PyTorch on cpu")


def test_a_gpu_is_called_what_it_calls_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    Machine(monkeypatch, gpus=2, triton=True)
    assert [kind_of(device) for device in (CPU, *GPUS)] == ["cpu", "GPU number 0", "GPU number 1"]


def test_a_thread_is_set_up_for_its_own_gpu_and_for_the_same_numbers_every_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    current: list[torch.device] = []
    monkeypatch.setattr(torch.cuda, "set_device", current.append)
    for name in ("allow_tf32", "deterministic", "benchmark"):
        monkeypatch.setattr(torch.backends.cudnn, name, name != "deterministic")
    monkeypatch.delenv("CUBLAS_WORKSPACE_CONFIG", raising=False)
    before = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("high")
    try:
        set_up(CPU)
        assert current == []
        assert torch.get_float32_matmul_precision() == "high"
        assert "CUBLAS_WORKSPACE_CONFIG" not in os.environ
        set_up(GPUS[1])
        assert current == [GPUS[1]]
        assert torch.get_float32_matmul_precision() == "highest"
        assert os.environ["CUBLAS_WORKSPACE_CONFIG"] == ":4096:8"
        cudnn = torch.backends.cudnn
        assert (cudnn.allow_tf32, cudnn.deterministic, cudnn.benchmark) == (False, True, False)
    finally:
        torch.set_float32_matmul_precision(before)
        os.environ.pop("CUBLAS_WORKSPACE_CONFIG", None)


def test_memory_is_that_of_the_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    emptied: list[str] = []
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (7 + device.index, 100))
    monkeypatch.setattr(torch.cuda, "empty_cache", lambda: emptied.append("emptied"))
    assert free_memory(GPUS[1]) == 8
    let_go(CPU)
    assert emptied == []
    let_go(GPUS[1])
    assert emptied == ["emptied"]
