"""Published checkpoints of the baselines: what their options ask for, and where our weights lie in them."""

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from seq2exp_tracks.checkpoints.fitting import misfits, shapes_of
from seq2exp_tracks.checkpoints.published import rename
from seq2exp_tracks.errors import CheckpointError
from seq2exp_tracks.model.baselines.configs import (
    BaselineConfig,
    CaduceusConfig,
    EnformerConfig,
    EPInformerConfig,
    OneWayMambaConfig,
)
from seq2exp_tracks.model.config import SIGNALS, Directions, MambaConfig

# Names as those of Seq2Exp, which `published.rename` knows: theirs, and what Seq2Exp calls the same.
_AS_SEQ2EXP = {
    CaduceusConfig: (("caduceus.", "encoder."), ("input_layer.", "seq_input_layer.")),
    OneWayMambaConfig: (("model.", "encoder.backbone."), (".mixer.", ".mixer.mamba_fwd.")),
}

# Sizes that EPInformer's published options may leave to their defaults, which are ours too.
_EPINFORMER_SIZES = {"n_enhancers": "elements", "out_dim": "d_model", "n_encoder": "layers", "head": "heads"}

_TABLE = "encoder.backbone.embedding.weight"
"""Mamba's embedding, which Seq2Exp does not have."""


def translate_options(name: str, values: Mapping[str, Any]) -> BaselineConfig:
    """The configuration that published options ask for.

    Args:
        name: What the published registry calls the model.
        values: Its options.

    Raises:
        CheckpointError: If the model is no baseline, or needs what we do not compute.
    """
    if name not in _TRANSLATIONS:
        known = ", ".join(_TRANSLATIONS)
        raise CheckpointError(f"holds the model {name!r}, which is none of the baselines ({known})")
    try:
        return _TRANSLATIONS[name](values)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise CheckpointError(f"its options cannot be read ({error})") from error


def _mamba_sizes(values: Mapping[str, Any], directions: Directions) -> MambaConfig:
    sizes = values["ssm_cfg"]
    rank = sizes["dt_rank"]
    return MambaConfig(
        d_state=sizes["d_state"],
        d_conv=sizes["d_conv"],
        expand=sizes["expand"],
        dt_rank=None if rank == "auto" else rank,
        directions=directions,
        norm_epsilon=float(values.get("norm_epsilon", 1e-5)),
    )


def _stack_options(values: Mapping[str, Any]) -> dict[str, Any]:
    window = {"window": values["seq_range"]} if "seq_range" in values else {}
    return window | {
        "gene_features": values["rna_feat_dim"] if values["useRNAFeat"] else 0,
        "d_model": values["d_model"],
        "layers": values["n_layer"],
        "promoter": values["center_len"],
    }


def _caduceus(values: Mapping[str, Any]) -> CaduceusConfig:
    _refuse(values, pretrained_model=(False,), bidirectional=(True,), bidirectional_weight_tie=(True,))
    _refuse(values, rcps=(False,), rms_norm=(True,), interact=("concat", "no_signal"))
    return CaduceusConfig(
        **_stack_options(values),
        mamba=_mamba_sizes(values, Directions(values["bidirectional_strategy"].replace("ew_", ""))),
        signals=SIGNALS[: values["signal_size"]],
        with_signals=values["interact"] == "concat",
        masked=values["use_bio_mask"],
    )


def _mamba(values: Mapping[str, Any]) -> OneWayMambaConfig:
    _refuse(values, rms_norm=(True,))
    return OneWayMambaConfig(**_stack_options(values), mamba=_mamba_sizes(values, Directions.FORWARD))


def _epinformer(values: Mapping[str, Any]) -> EPInformerConfig:
    _refuse(values, useBN=(True,), useLN=(True,), n_extraFeat=(3,), base_size=(4,))
    features = (9 if values["usePromoterSignal"] else 8) if values["useFeat"] else 0
    given = {ours: values[theirs] for theirs, ours in _EPINFORMER_SIZES.items() if theirs in values}
    return EPInformerConfig(
        **given,
        gene_features=features,
    )


def _enformer(values: Mapping[str, Any]) -> EnformerConfig:
    # The sizes of the trunk are not among the options: it is the library's own, as is our default.
    return EnformerConfig(
        d_model=values["d_model"],
        gene_features=values["rna_feat_dim"] if values["useRNAFeat"] else 0,
    )


_TRANSLATIONS = {
    "GeneExpBiMamba": _caduceus,
    "GeneExpMamba": _mamba,
    "EPInformer": _epinformer,
    "Enformer": _enformer,
    "GeneEnformer": _enformer,
}


def _refuse(values: Mapping[str, Any], **allowed: tuple[Any, ...]) -> None:
    """Refuses options of which we do not compute every value; one that is not there is taken as allowed."""
    for name, known in allowed.items():
        if name in values and values[name] not in known:
            listed = " or ".join(map(repr, known))
            raise ValueError(f"{name} is {values[name]!r}; only {listed} can be loaded")


def rename_baseline(
    weights: Mapping[str, Tensor], config: BaselineConfig, shapes: Mapping[str, tuple[int, ...]]
) -> tuple[dict[str, Tensor], list[str]]:
    """Puts published weights under our names.

    Args:
        weights: Tensors by published name.
        config: What the model is made of.
        shapes: The shape of each of our tensors by our name.

    Returns:
        The tensors by our names, and everything that is wrong with them, one sentence each.
    """
    if isinstance(config, CaduceusConfig | OneWayMambaConfig):
        return _rename_stack(weights, config, shapes)
    # The heads that Enformer has for its original tracks give no expression.
    found = {
        "head." + name.removeprefix("pToExpr.") if name.startswith("pToExpr.") else name: tensor
        for name, tensor in weights.items()
        if not name.startswith("enformer._heads.")
    }
    return found, misfits(shapes_of(found), shapes)


def _rename_stack(
    weights: Mapping[str, Tensor],
    config: CaduceusConfig | OneWayMambaConfig,
    shapes: Mapping[str, tuple[int, ...]],
) -> tuple[dict[str, Tensor], list[str]]:
    """Goes by the names of Seq2Exp, whose stack is the same."""
    pairs = _AS_SEQ2EXP[type(config)]
    theirs = {_replaced(name, pairs): tensor for name, tensor in weights.items()}
    wanted = dict(shapes)
    ours: dict[str, Tensor] = {}
    problems: list[str] = []
    if isinstance(config, OneWayMambaConfig):
        table = {"embedding.weight": theirs.pop(_TABLE)} if _TABLE in theirs else {}
        problems = misfits(shapes_of(table), {"embedding.weight": wanted.pop("embedding.weight")})
        ours = table
    wanted = {name.replace("embedding.", "sequence_embedding.", 1): shape for name, shape in wanted.items()}
    found, more = rename(theirs, config.sizes, wanted)
    ours |= {name.replace("sequence_embedding.", "embedding.", 1): tensor for name, tensor in found.items()}
    back = tuple((new, old) for old, new in reversed(pairs))
    return ours, [_replaced(problem, back) for problem in [*problems, *more]]


def _replaced(name: str, pairs: tuple[tuple[str, str], ...]) -> str:
    """A name with the first of each pair, once at most, replaced by the second."""
    for old, new in pairs:
        name = name.replace(old, new, 1)
    return name
