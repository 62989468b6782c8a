"""From the options of the published code to a ModelConfig.

The published model reads some sixty options; about half do something, and some combinations crash it or
are switches of abandoned experiments. Those are refused by name: a model must never be computed as
something else than it was trained as.
"""

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from seq2exp_tracks.checkpoints.option_values import OptionValues
from seq2exp_tracks.errors import CheckpointError
from seq2exp_tracks.model.config import (
    SIGNALS,
    BetaConfig,
    Directions,
    MambaConfig,
    ModelConfig,
    SignalUse,
)
from seq2exp_tracks.model.mask_rules import (
    FixedKind,
    FixedMask,
    HardMask,
    MaskRule,
    SelectorMask,
    SoftMask,
    TopMask,
)

ONLY: Mapping[str, Any] = {
    "base_size": 4,
    "decouple_x": True,
    "merge_peak_mask": False,
    "pool_mask": 0,
    "post_dist": "beta",
    "post_sample": True,
    "pretrained_model": False,
    "rcps": False,
    "rms_norm": True,
    "fused_add_norm": True,
    "ssm_cfg.bias": False,
    "ssm_cfg.conv_bias": True,
}
"""Switches of which we compute one position; what is not written down has that position."""

WITHOUT_EFFECT = """
    _target_ aux_loss_con aux_loss_kl beta_step bio_mask_weight complement_map encoder gumbel_temp
    include_alpha initializer_cfg mask_threshold max_pool_size merge_mask mv_size node_merge_mask
    node_merge_range pad_vocab_size_multiple pretrained_freeze pretrained_model_name residual_in_fp32
    ssm_cfg use_gumbel vocab_size
""".split()  # noqa: SIM905  # names read better without quotes
"""Options that leave the prediction of a trained model as it is (in float32 and outside training)."""

READ_IN_SOME_SETTINGS = """
    bidirectional_strategy enc_n_layer gen_n_layer gen_signal mask_model mask_region_hard rna_feat_dim
    sample_threshold test_hard test_soft test_top test_top_percent test_top_soft top_mask_percent
""".split()  # noqa: SIM905
"""Options without effect beside certain others."""

PRIOR_SIGNALS = {"h3k27ac": "H3K27ac", "DHS": "DNase", "hic": "HiC"}


def translate(values: Mapping[str, Any]) -> tuple[ModelConfig, tuple[str, ...]]:
    """Reads the options of a published model.

    Args:
        values: `hyper_parameters.model.config` of a checkpoint, as plain values.

    Returns:
        The configuration, and the names of options that we do not know.

    Raises:
        CheckpointError: If an option is missing, of a wrong type, or asks for what we do not compute.
            The message names the option and its value.
    """
    options = OptionValues(values)
    for name, only in ONLY.items():
        if options.get(name, only) != only:
            options.refuse(name, f"only {only!r} is computed here")
    try:
        config = _model(options)
    except ValueError as error:
        raise CheckpointError(f"its options do not fit together: {error}") from error
    known = options.read.union(WITHOUT_EFFECT, READ_IN_SOME_SETTINGS)
    return config, tuple(sorted(str(name) for name in values if name not in known))


def _model(options: OptionValues) -> ModelConfig:
    mask = _mask(options)
    learned = not isinstance(mask, FixedMask | SelectorMask)
    signals = SIGNALS[: options.integer("signal_size")]
    if len(signals) != options.integer("signal_size"):
        options.refuse("signal_size", f"the signals are {', '.join(SIGNALS)}")
    shared = options.flag("enc_prd_ps")
    generator_layers = options.integer("gen_n_layer") if learned else 0
    if options.flag("pos_enc"):
        _check_positions(options, mask)
    if shared and not learned:
        options.refuse("enc_prd_ps", "a mask that is not learned has no generator to share")
    return ModelConfig(
        window=options.integer("seq_range"),
        d_model=options.integer("d_model"),
        generator_layers=generator_layers,
        encoder_layers=generator_layers if shared else options.integer("enc_n_layer"),
        shared_stack=shared,
        position_embedding=options.flag("pos_enc"),
        mamba=_mamba(options),
        signals=signals,
        signal_use=_signal_use(options, shared, learned),
        gene_features=options.integer("rna_feat_dim") if options.flag("useRNAFeat") else 0,
        promoter=options.integer("center_len"),
        mask=mask,
        straight_through=options.flag("post_hard_dist"),
        beta=_beta(options, signals),
        include_list=_include_list(options),
    )


def _mask(options: OptionValues) -> MaskRule:
    given = [name for name in ("use_bio_mask", "use_peak_mask", "use_mask_model") if options.flag(name)]
    if len(given) > 1:
        options.refuse(given[1], f"{given[0]} is set too")
    if given == ["use_mask_model"]:
        file = PurePath(options.text("mask_model")).name
        if not file:
            options.refuse("mask_model", "it should name a checkpoint")
        return SelectorMask(file, options.number("top_mask_percent"))
    if given:
        return FixedMask(FixedKind.ENHANCERS if given == ["use_bio_mask"] else FixedKind.PEAKS)
    modes = [name for name in ("test_soft", "test_hard", "test_top") if options.flag(name)]
    if not modes:
        options.refuse("test_soft", "one of test_soft, test_hard, test_top must say how the mask is picked")
    if len(modes) > 1:
        options.refuse(modes[1], f"{modes[0]} is set too")
    if modes == ["test_soft"]:
        return SoftMask()
    if modes == ["test_hard"]:
        return HardMask(options.number("sample_threshold"))
    return TopMask(options.number("test_top_percent"), options.flag("test_top_soft"))


def _check_positions(options: OptionValues, mask: MaskRule) -> None:
    """With positions the kept bases are moved together: that needs a learned mask of 0 and 1."""
    if isinstance(mask, FixedMask | SelectorMask):
        options.refuse("pos_enc", "the mask is not learned, and may leave the promoter out")
    if isinstance(mask, SoftMask):
        options.refuse("test_soft", "pos_enc needs a mask of 0 and 1")
    if isinstance(mask, TopMask) and mask.soft:
        options.refuse("test_top_soft", "pos_enc needs a mask of 0 and 1")
    if options.integer("center_len") == 0:
        options.refuse("center_len", "pos_enc needs a promoter")
    for name in ("seq_range", "center_len"):
        if options.integer(name) % 2:
            options.refuse(name, "with pos_enc the published code is off by one at odd sizes")


def _mamba(options: OptionValues) -> MambaConfig:
    rank = options.get("ssm_cfg.dt_rank", "auto")
    directions = Directions.FORWARD
    if options.flag("bidirectional"):
        names = {None: Directions.ADD, "add": Directions.ADD, "ew_multiply": Directions.MULTIPLY}
        if options.get("bidirectional_strategy", None) not in names:
            options.refuse("bidirectional_strategy", "only add and ew_multiply are computed here")
        directions = names[options.get("bidirectional_strategy", None)]
    return MambaConfig(
        d_state=options.integer("ssm_cfg.d_state", 16),
        d_conv=options.integer("ssm_cfg.d_conv", 4),
        expand=options.integer("ssm_cfg.expand", 2),
        dt_rank=None if rank == "auto" else options.integer("ssm_cfg.dt_rank"),
        directions=directions,
        tied=options.flag("bidirectional_weight_tie"),
        norm_epsilon=options.number("norm_epsilon"),
    )


def _signal_use(options: OptionValues, shared: bool, learned: bool) -> SignalUse:
    both = shared or (options.flag("gen_signal") and learned)
    if options.text("interact") == "concat":
        return SignalUse.BOTH if both else SignalUse.ENCODER
    if both:
        options.refuse("interact", "a generator that sees the signals needs 'concat'")
    return SignalUse.NEITHER


def _beta(options: OptionValues, signals: tuple[str, ...]) -> BetaConfig:
    prior = options.text("prior_signal")
    if prior != "all" and PRIOR_SIGNALS.get(prior) not in signals:
        options.refuse("prior_signal", f"it should be all or one of {', '.join(PRIOR_SIGNALS)}")
    return BetaConfig(
        signals=signals if prior == "all" else (PRIOR_SIGNALS[prior],),
        betas=options.numbers("prior_beta"),
        weights=options.numbers("prior_weight"),
        learned=options.flag("dist_param_grad"),
        scale=options.number("prior_scale_factor"),
        minimum=options.number("beta_min"),
        total_scale=options.number("z_scale"),
        signals_only=options.flag("only_x_sig"),
        marginal_mean=options.number("marginal_mean"),
        marginal_scale=options.number("marginal_scale"),
    )


def _include_list(options: OptionValues) -> bool:
    use = options.flag("use_include_list")
    if use and not options.flag("mask_region_hard"):
        options.refuse(
            "mask_region_hard", "with use_include_list the list is a further Beta, which is not computed"
        )
    return use
