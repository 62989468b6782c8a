"""Checkpoints: both formats, strictness, selectors, conversion, and files that are none."""

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from seq2exp_tracks.checkpoints import (
    convert_checkpoint,
    describe_checkpoint,
    load_checkpoint,
    read_config,
    save_checkpoint,
)
from seq2exp_tracks.errors import CheckpointError, OutputError
from seq2exp_tracks.model import HARD, SOFT, ModelConfig, Seq2Exp
from seq2exp_tracks.model.mask_rules import SelectorMask

SIZES: dict[str, Any] = {"window": 40, "d_model": 4, "promoter": 10}
SMALL_SOFT = replace(SOFT, **SIZES, generator_layers=1, encoder_layers=1)
SMALL_HARD = replace(HARD, **SIZES, generator_layers=1, encoder_layers=1)
REFUSED = {
    "var_kuma": "post_dist='kuma'",
    "var_kuma_nodecouple": "decouple_x=False",
    "var_nodecouple": "decouple_x=False",
    "var_include_dist": "mask_region_hard=False",
    "var_pool_mask": "pool_mask=31",
    "var_merge_peak_mask": "merge_peak_mask=True",
    "var_layernorm_unfused": "rms_norm=False",
    "var_odd_hard": "seq_range=1025",
}


def random_inputs(config: ModelConfig) -> tuple[torch.Tensor, ...]:
    generator = torch.Generator().manual_seed(0)
    bases = torch.randint(0, 4, (2, config.window), generator=generator)
    signals = torch.rand(2, config.window, len(config.signals), generator=generator)
    return torch.eye(4)[bases], signals, torch.rand(2, config.gene_features, generator=generator)


def assert_same_model(found: Seq2Exp, expected: Seq2Exp) -> None:
    assert found.config == expected.config
    assert found.state_dict().keys() == expected.state_dict().keys()
    for name, weight in expected.state_dict().items():
        assert torch.equal(found.state_dict()[name], weight), name


def change_published(source: Path, target: Path, change: Any) -> Path:
    """Writes a published checkpoint with something changed."""
    content = torch.load(source, weights_only=True)
    change(content)
    torch.save(content, target)
    return target


class TestPublished:
    """Lightning checkpoints of the published code."""

    @pytest.mark.parametrize("name", ["soft_tiny", "hard_tiny", "real_lightning_soft", "real_lightning_hard"])
    def test_a_loaded_model_is_ready_to_score(self, golden: Path, name: str) -> None:
        for path in (golden / name / "checkpoint.ckpt", str(golden / name / "checkpoint.ckpt")):
            model = load_checkpoint(path)
            assert not model.training
            assert not any(weight.requires_grad for weight in model.parameters())
            assert {weight.dtype for weight in model.parameters()} == {torch.float32}
            assert read_config(path) == model.config

    def test_the_configuration_says_what_the_options_say(self, golden: Path) -> None:
        tiny = {"window": 4096, "d_model": 16, "generator_layers": 2, "encoder_layers": 2}
        assert read_config(golden / "soft_tiny" / "checkpoint.ckpt") == replace(SOFT, **tiny)
        assert read_config(golden / "hard_tiny" / "checkpoint.ckpt") == replace(HARD, **tiny)

    def test_the_number_of_parameters_is_the_published_one(self, golden: Path) -> None:
        for meta_file in golden.glob("*/meta.json"):
            meta = json.loads(meta_file.read_text())
            path = meta_file.parent / "checkpoint.ckpt"
            if meta.get("model") != "BiMambaMIRNP" or not path.exists() or "n_parameters" not in meta:
                continue
            if (
                meta["case"] in REFUSED or meta["case"] == "var_mask_model"
            ):  # its number has the selector in it
                continue
            assert describe_checkpoint(path).parameters == meta["n_parameters"], meta["case"]

    @pytest.mark.parametrize(("name", "option"), REFUSED.items())
    def test_switches_of_abandoned_experiments_are_refused_by_name(
        self, golden: Path, name: str, option: str
    ) -> None:
        path = golden / name / "checkpoint.ckpt"
        for read in (load_checkpoint, read_config, describe_checkpoint):
            with pytest.raises(CheckpointError) as caught:
                read(path)
            assert str(caught.value).startswith(f"{path}: option {option} is not supported: ")
            assert "\n" not in str(caught.value)

    def test_weights_that_do_not_fit_are_listed(self, golden: Path, tmp_path: Path) -> None:
        def change(content: dict[str, Any]) -> None:
            weights = content["state_dict"]
            del weights["model.mask_output.bias"]
            weights["model.extra.weight"] = torch.zeros(2)
            weights["model.pToExpr.4.bias"] = torch.zeros(3)

        path = change_published(golden / "soft_tiny" / "checkpoint.ckpt", tmp_path / "a.ckpt", change)
        with pytest.raises(CheckpointError) as caught:
            load_checkpoint(path)
        assert str(caught.value) == (
            f"{path}: its weights do not fit: missing mask_output.bias; unexpected extra.weight; "
            "pToExpr.4.bias has the shape (3,) instead of (1,)"
        )

    def test_a_long_list_of_problems_is_cut(self, golden: Path, tmp_path: Path) -> None:
        def change(content: dict[str, Any]) -> None:
            content["hyper_parameters"]["model"]["config"]["d_model"] = 32

        path = change_published(golden / "soft_tiny" / "checkpoint.ckpt", tmp_path / "a.ckpt", change)
        with pytest.raises(CheckpointError, match=r"has the shape .* and \d+ more$"):
            load_checkpoint(path)

    def test_one_weight_under_two_names_must_be_one_weight(self, golden: Path, tmp_path: Path) -> None:
        name = "model.encoder.backbone.layers.0.mixer.mamba_{}.in_proj.weight"

        def change(content: dict[str, Any]) -> None:
            content["state_dict"][name.format("rev")] = content["state_dict"][name.format("rev")] + 1

        path = change_published(golden / "soft_tiny" / "checkpoint.ckpt", tmp_path / "a.ckpt", change)
        with pytest.raises(CheckpointError, match=r"mamba_fwd.in_proj.weight and .* one weight, but differ"):
            load_checkpoint(path)

    def test_weights_that_are_not_numbers_are_refused(self, golden: Path, tmp_path: Path) -> None:
        def change(content: dict[str, Any]) -> None:
            content["state_dict"]["model.mask_output.bias"][0] = torch.nan

        path = change_published(golden / "soft_tiny" / "checkpoint.ckpt", tmp_path / "a.ckpt", change)
        with pytest.raises(CheckpointError, match=r"mask_output\.bias holds NaN or infinity"):
            load_checkpoint(path)

    def test_what_means_nothing_to_us_is_ignored_and_reported(self, golden: Path, tmp_path: Path) -> None:
        def change(content: dict[str, Any]) -> None:
            content["state_dict"]["metrics.mse.total"] = torch.zeros(1)
            content["hyper_parameters"]["model"]["config"]["new_switch"] = 3

        source = golden / "soft_tiny" / "checkpoint.ckpt"
        path = change_published(source, tmp_path / "a.ckpt", change)
        assert describe_checkpoint(source).ignored == ()
        assert describe_checkpoint(path).ignored == ("metrics.mse.total", "option new_switch")
        assert_same_model(load_checkpoint(path), load_checkpoint(source))

    @pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
    def test_weights_of_other_precision_become_float32(
        self, golden: Path, tmp_path: Path, dtype: torch.dtype
    ) -> None:
        def change(content: dict[str, Any]) -> None:
            content["state_dict"] = {name: w.to(dtype) for name, w in content["state_dict"].items()}

        source = golden / "soft_tiny" / "checkpoint.ckpt"
        model = load_checkpoint(change_published(source, tmp_path / "a.ckpt", change))
        expected = load_checkpoint(source).head[0].weight.to(dtype).float()
        assert torch.equal(model.head[0].weight, expected)

    def test_tensors_that_are_views_are_read_as_they_are(self, golden: Path, tmp_path: Path) -> None:
        def change(content: dict[str, Any]) -> None:
            weights = content["state_dict"]
            for name, weight in weights.items():
                wide = torch.zeros(*weight.shape, 3)
                wide[..., 1] = weight
                weights[name] = torch.nn.Parameter(wide)[..., 1].detach()

        source = golden / "soft_tiny" / "checkpoint.ckpt"
        path = change_published(source, tmp_path / "a.ckpt", change)
        assert_same_model(load_checkpoint(path), load_checkpoint(source))

    def test_another_model_is_named(self, golden: Path) -> None:
        with pytest.raises(CheckpointError, match="holds the model 'GeneExpBiMamba', not Seq2Exp"):
            load_checkpoint(golden / "base_caduceus_signals" / "checkpoint.ckpt")

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            ({}, "holds no configuration"),
            ([1, 2], "holds no configuration"),
            ({"hyper_parameters": {"model": 3}}, "holds no configuration"),
            (
                {"hyper_parameters": {"model": {"_name_": "BiMambaMIRNP", "config": []}}},
                "its configuration is",
            ),
            ({"hyper_parameters": {"model": {"_name_": "BiMambaMIRNP", "config": {}}}}, "is missing"),
        ],
    )
    def test_a_file_of_pytorch_that_is_no_checkpoint_is_refused(
        self, tmp_path: Path, content: Any, message: str
    ) -> None:
        path = tmp_path / "a.ckpt"
        torch.save(content, path)
        with pytest.raises(CheckpointError, match=message):
            load_checkpoint(path)


class TestSelector:
    """A checkpoint whose mask is picked by another one."""

    @pytest.fixture
    def folder(self, golden: Path, tmp_path: Path) -> Path:
        for name in ("checkpoint.ckpt", "mask_model.ckpt"):
            shutil.copyfile(golden / "var_mask_model" / name, tmp_path / name)
        return tmp_path

    def test_it_is_looked_up_beside_the_checkpoint(self, folder: Path) -> None:
        model = load_checkpoint(folder / "checkpoint.ckpt")
        assert model.config.mask == SelectorMask("mask_model.ckpt", 0.2)
        assert model.selector is not None
        assert_same_model(model.selector, load_checkpoint(folder / "mask_model.ckpt"))

    def test_only_its_file_name_counts(self, folder: Path) -> None:
        def change(content: dict[str, Any]) -> None:
            content["hyper_parameters"]["model"]["config"]["mask_model"] = "/home/someone/mask_model.ckpt"

        path = change_published(folder / "checkpoint.ckpt", folder / "moved.ckpt", change)
        assert load_checkpoint(path).selector is not None

    def test_a_missing_one_is_named(self, folder: Path) -> None:
        (folder / "mask_model.ckpt").unlink()
        assert read_config(folder / "checkpoint.ckpt").selector == "mask_model.ckpt"
        with pytest.raises(CheckpointError, match=r"picked by mask_model\.ckpt: put that file beside it"):
            load_checkpoint(folder / "checkpoint.ckpt")

    def test_one_with_other_weights_is_refused(self, folder: Path) -> None:
        def change(content: dict[str, Any]) -> None:
            content["state_dict"]["model.mask_output.bias"] += 1

        change_published(folder / "mask_model.ckpt", folder / "mask_model.ckpt", change)
        with pytest.raises(CheckpointError, match=r"mask_output\.bias is not the one of mask_model\.ckpt"):
            load_checkpoint(folder / "checkpoint.ckpt")

    def test_one_that_learns_no_mask_is_refused(self, folder: Path, golden: Path) -> None:
        shutil.copyfile(golden / "var_bio_mask" / "checkpoint.ckpt", folder / "mask_model.ckpt")
        with pytest.raises(CheckpointError, match="learns no mask itself"):
            load_checkpoint(folder / "checkpoint.ckpt")

    def test_conversion_puts_both_into_one_file(self, folder: Path) -> None:
        convert_checkpoint(folder / "checkpoint.ckpt", folder / "both.safetensors")
        expected = load_checkpoint(folder / "checkpoint.ckpt")
        (folder / "mask_model.ckpt").unlink()
        assert_same_model(load_checkpoint(folder / "both.safetensors"), expected)


class TestOwn:
    """Our own format."""

    @pytest.mark.parametrize("config", [SMALL_SOFT, SMALL_HARD])
    def test_a_saved_model_comes_back(self, tmp_path: Path, config: ModelConfig) -> None:
        model = Seq2Exp.initialised(config, seed=1)
        save_checkpoint(model, tmp_path / "a.safetensors")
        assert_same_model(load_checkpoint(str(tmp_path / "a.safetensors")), model)
        assert read_config(tmp_path / "a.safetensors") == config
        assert [path.name for path in tmp_path.iterdir()] == ["a.safetensors"]

    def test_the_file_is_plain_safetensors_with_one_json_object(self, tmp_path: Path) -> None:
        model = Seq2Exp.initialised(SMALL_SOFT, seed=1)
        save_checkpoint(model, tmp_path / "a.safetensors")
        with safe_open(tmp_path / "a.safetensors", framework="pt") as file:
            metadata = file.metadata()
        assert list(metadata) == ["seq2exp_tracks"]
        assert json.loads(metadata["seq2exp_tracks"]) == {
            "format": 1,
            "config": SMALL_SOFT.to_json(),
            "selector": None,
        }
        assert load_file(tmp_path / "a.safetensors").keys() == model.state_dict().keys()

    def test_the_same_model_gives_the_same_bytes(self, tmp_path: Path) -> None:
        for name in ("a", "b"):
            save_checkpoint(Seq2Exp.initialised(SMALL_SOFT, seed=1), tmp_path / name)
        assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()

    def test_a_model_being_trained_can_be_saved(self, tmp_path: Path) -> None:
        model = Seq2Exp.initialised(SMALL_SOFT, seed=1).train().requires_grad_(True)
        save_checkpoint(model, tmp_path / "a.safetensors")
        assert not load_checkpoint(tmp_path / "a.safetensors").training

    def rewrite(self, path: Path, header: dict[str, Any] | None, weights: dict[str, torch.Tensor]) -> None:
        metadata = {"seq2exp_tracks": json.dumps(header)} if header is not None else None
        save_file(weights, path, metadata)

    def test_weights_that_do_not_fit_are_listed(self, tmp_path: Path) -> None:
        path = tmp_path / "a.safetensors"
        weights = Seq2Exp.initialised(SMALL_SOFT, seed=1).state_dict()
        del weights["mask_output.bias"]
        weights |= {"more": torch.zeros(1), "head.4.bias": torch.zeros(2)}
        self.rewrite(path, {"format": 1, "config": SMALL_SOFT.to_json(), "selector": None}, weights)
        with pytest.raises(CheckpointError) as caught:
            load_checkpoint(path)
        assert str(caught.value) == (
            f"{path}: its weights do not fit: missing mask_output.bias; unexpected more; "
            "head.4.bias has the shape (2,) instead of (1,)"
        )

    @pytest.mark.parametrize(
        ("header", "message"),
        [
            (None, "a safetensors file, but not a checkpoint of seq2exp-tracks"),
            ({"format": 2}, "format 2, this version reads 1"),
            ({"format": 1}, "its configuration cannot be read"),
            ([], "its configuration cannot be read"),
            ({"format": 1, "selector": None, "config": {"window": 3}}, "missing settings of ModelConfig"),
        ],
    )
    def test_a_header_that_is_not_ours_is_refused(self, tmp_path: Path, header: Any, message: str) -> None:
        path = tmp_path / "a.safetensors"
        self.rewrite(path, header, {"a": torch.zeros(1)})
        for read in (load_checkpoint, read_config):
            with pytest.raises(CheckpointError, match=message):
                read(path)

    def test_a_selector_and_its_configuration_come_together(self, tmp_path: Path) -> None:
        path = tmp_path / "a.safetensors"
        header = {"format": 1, "config": SMALL_SOFT.to_json(), "selector": SMALL_SOFT.to_json()}
        self.rewrite(path, header, Seq2Exp.initialised(SMALL_SOFT, seed=1).state_dict())
        with pytest.raises(CheckpointError, match="its selector do not fit together"):
            load_checkpoint(path)

    def test_impossible_sizes_are_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "a.safetensors"
        config = replace(SMALL_SOFT, d_model=2**62).to_json()
        self.rewrite(path, {"format": 1, "config": config, "selector": None}, {"a": torch.zeros(1)})
        with pytest.raises(CheckpointError, match="asks for impossible sizes"):
            load_checkpoint(path)

    def test_a_selector_of_a_selector_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "a.safetensors"
        config = replace(SMALL_SOFT, generator_layers=0, mask=SelectorMask("b", 0.1)).to_json()
        self.rewrite(path, {"format": 1, "config": config, "selector": config}, {"a": torch.zeros(1)})
        with pytest.raises(CheckpointError, match="its selector do not fit together"):
            load_checkpoint(path)

    def test_a_failed_write_leaves_the_old_file_and_nothing_else(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        path = tmp_path / "a.safetensors"
        path.write_bytes(b"old")

        def full(_: int) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(
            OutputError, match=r"a.safetensors: cannot be written \(No space left on device\)"
        ):
            save_checkpoint(Seq2Exp.initialised(SMALL_SOFT, seed=1), path)
        assert [(p.name, p.read_bytes()) for p in tmp_path.iterdir()] == [("a.safetensors", b"old")]

    def test_a_missing_folder_is_an_error_of_one_line(self, tmp_path: Path) -> None:
        with pytest.raises(OutputError, match="cannot be written"):
            save_checkpoint(Seq2Exp.initialised(SMALL_SOFT, seed=1), tmp_path / "no" / "a.safetensors")


class TestConvert:
    """From the published format to ours."""

    @pytest.mark.parametrize(
        "name", ["real_lightning_soft", "real_lightning_hard", "var_untied", "var_no_rna"]
    )
    def test_predictions_stay_the_same_to_the_last_bit(self, golden: Path, tmp_path: Path, name: str) -> None:
        source, target = golden / name / "checkpoint.ckpt", tmp_path / "a.safetensors"
        convert_checkpoint(source, target)
        published, own = load_checkpoint(source), load_checkpoint(target)
        assert_same_model(own, published)
        inputs = random_inputs(own.config)
        for before, after in zip(published(*inputs), own(*inputs), strict=True):
            assert torch.equal(before, after)

    def test_an_existing_file_is_left_alone(self, golden: Path, tmp_path: Path) -> None:
        target = tmp_path / "a.safetensors"
        target.write_bytes(b"mine")
        with pytest.raises(OutputError, match=r"a\.safetensors: exists already; name a new file"):
            convert_checkpoint(golden / "soft_tiny" / "checkpoint.ckpt", target)
        assert target.read_bytes() == b"mine"


def test_a_description_names_what_a_user_asks_for(golden: Path) -> None:
    assert str(describe_checkpoint(golden / "real_lightning_hard" / "checkpoint.ckpt")) == "\n".join(
        [
            "format        published, PyTorch Lightning 1.8.6",
            "mask          hard: 1 where the mean is at least 0.5",
            "window        400 bp only",
            "promoter      100 bp",
            "signals       H3K27ac, DNase, HiC",
            "gene features 9",
            "layers        1 + 1 (one stack for both)",
            "channels      8",
            "parameters    5,745",
            "ignored       nothing",
        ]
    )


class TestNotACheckpoint:
    """Each mistake is one line that names the file."""

    @pytest.mark.parametrize("read", [load_checkpoint, read_config, describe_checkpoint])
    @pytest.mark.parametrize(
        ("content", "message"),
        [
            (b"", "an empty file"),
            (b"#chrom\tstart\tend\n", r"it starts with b'#chr'"),
            (b"\x80\x02}q\x00.", "not a checkpoint"),
            (b"PK\x03\x04 and then nothing", "not a whole checkpoint"),
            (b"\x08\x00\x00\x00\x00\x00\x00\x00{", "not a whole checkpoint"),
        ],
    )
    def test_other_content(self, tmp_path: Path, read: Any, content: bytes, message: str) -> None:
        path = tmp_path / "a.ckpt"
        path.write_bytes(content)
        with pytest.raises(CheckpointError, match=message) as caught:
            read(path)
        assert str(caught.value).startswith(f"{path}: ")
        assert "\n" not in str(caught.value)

    def test_a_missing_file_and_a_folder(self, tmp_path: Path) -> None:
        with pytest.raises(CheckpointError, match=r"a\.ckpt: no such file"):
            load_checkpoint(tmp_path / "a.ckpt")
        with pytest.raises(CheckpointError, match="a folder; name the checkpoint file inside it"):
            load_checkpoint(tmp_path)

    @pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
    def test_a_truncated_file_of_either_format(self, golden: Path, tmp_path: Path, share: float) -> None:
        published = golden / "soft_tiny" / "checkpoint.ckpt"
        own = tmp_path / "own.safetensors"
        convert_checkpoint(published, own)
        for whole in (published, own):
            content = whole.read_bytes()
            cut = tmp_path / "cut"
            cut.write_bytes(content[: int(len(content) * share)])
            with pytest.raises(CheckpointError, match="not a whole checkpoint"):
                load_checkpoint(cut)

    def test_a_flipped_byte_in_the_weights_is_noticed(self, golden: Path, tmp_path: Path) -> None:
        content = bytearray((golden / "soft_tiny" / "checkpoint.ckpt").read_bytes())
        weights = load_checkpoint(golden / "soft_tiny" / "checkpoint.ckpt").state_dict()
        start = content.index(weights["encoder.layers.1.norm.weight"].numpy().tobytes())
        content[start] ^= 1
        path = tmp_path / "a.ckpt"
        path.write_bytes(content)
        with pytest.raises(CheckpointError, match="damaged in entry"):
            load_checkpoint(path)
