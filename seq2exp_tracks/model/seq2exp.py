"""Seq2Exp: which bases matter to a gene, and how much it is expressed (Su et al., ICLR 2025).

One stack reads the window and gives every base evidence for being kept; the signals add theirs; the
mask is picked from the sum. Another stack (in the hard model the same) reads the masked window, and the
mean of its rows over the promoter, beside the gene's features, gives log10(1 + CAGE).
"""

from typing import NamedTuple, Self, cast

import torch
from jaxtyping import Float, Shaped
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence

from seq2exp_tracks.model import elements, reading
from seq2exp_tracks.model.apart import aligned, apart
from seq2exp_tracks.model.batch import Inputs, Seq2ExpOutput, join
from seq2exp_tracks.model.caduceus import Stack
from seq2exp_tracks.model.config import ModelConfig, SignalUse
from seq2exp_tracks.model.elements import Beta
from seq2exp_tracks.model.initialise import initialise
from seq2exp_tracks.model.input_shapes import BASES, check_shapes
from seq2exp_tracks.model.mask_rules import HardMask, LearnedMask, SelectorMask
from seq2exp_tracks.model.precision import Precision
from seq2exp_tracks.model.reading import Embedded


class KeptRows(NamedTuple):
    """The rows of a window that a mask keeps, moved together.

    Attributes:
        rows: Embedded bases.
        promoter: Where the rows of the promoter are among them.
    """

    rows: Float[Tensor, "rows d_model"]
    promoter: range


class Seq2Exp(nn.Module):
    """The whole model, built without weights: `load_checkpoint` or `initialise` fill them in.

    Args:
        config: What the model is made of.
        selector: The frozen model that picks the mask, where the configuration names one.
    """

    def __init__(self, config: ModelConfig, selector: "Seq2Exp | None" = None) -> None:
        super().__init__()
        if (config.selector is None) != (selector is None):
            raise ValueError(f"the configuration names the selector {config.selector!r}, given: {selector}")
        self.config = config
        width = config.d_model
        self.sequence_embedding = nn.Linear(BASES, width)
        if config.signal_use is not SignalUse.NEITHER:
            self.signal_embedding = nn.Linear(len(config.signals), width)
        if config.position_embedding:
            self.positions = nn.Parameter(torch.empty(config.window, width))
        if config.learns_mask:
            self.mask_output = nn.Linear(width, 2)
            learned = config.beta.learned
            self.signal_weights = nn.Parameter(torch.empty(len(config.beta.weights)), requires_grad=learned)
            self.signal_betas = nn.Parameter(torch.empty(len(config.beta.betas)), requires_grad=learned)
        if config.learns_mask and not config.shared_stack:
            self.generator = Stack(config, config.generator_layers)
        self.selector = selector
        self.encoder = Stack(config, config.encoder_layers)
        self.head = nn.Sequential(
            nn.Linear(width + config.gene_features, width),
            nn.ReLU(),
            nn.Linear(width, width),
            nn.ReLU(),
            nn.Linear(width, 1),
        )

    def forward(
        self,
        sequence: Float[Tensor, "batch length 4"],
        signals: Float[Tensor, "batch length signals"],
        gene_features: Float[Tensor, "batch features"] | None,
        blacklist: Shaped[Tensor, "batch length"] | None = None,
        include: Shaped[Tensor, "batch length"] | None = None,
        fixed_mask: Float[Tensor, "batch length"] | None = None,
        *,
        logits: Float[Tensor, "batch length 2"] | None = None,
        published_batching: bool = False,
        generator: torch.Generator | None = None,
    ) -> Seq2ExpOutput:
        """Scores a batch of windows. What the configuration does not use is ignored.

        In training mode (`train()`) the mask is a sample of each base's distribution instead of what the
        configuration picks from it, and batches are computed as the published code does.

        Args:
            sequence: One-hot bases A, C, G, T; a row of zeros is N.
            signals: Tracks as `config.signals` names them, not negative and without NaN.
            gene_features: Numbers of each gene.
            blacklist: Bases that are left out (outside the promoter).
            include: Bases that are kept, where the configuration has an include list.
            fixed_mask: The mask of a model that does not learn it.
            logits: What `sequence_logits` gives, if it is known already; nothing is generated then.
            published_batching: Compute a hard model's batch as the published code does, where
                windows of fewer kept bases are padded and their prediction changes a little with the
                partners. By default every window is computed as if alone.
            generator: Where the samples of training come from; torch's global generator if None.

        Raises:
            ValueError: If an input is missing or has another shape than the configuration asks for.
            CheckpointError: If the model cannot score windows of this length.
        """
        check_shapes(self.config, sequence, signals, gene_features, fixed_mask)
        inputs = Inputs(sequence, signals, gene_features, blacklist, include, fixed_mask, logits)
        published_batching = published_batching or self.training
        # To the last bit, no window depends on those beside it: on a GPU kernels see to that.
        on_gpu = reading.on_gpu(self.encoder, sequence)
        if published_batching or on_gpu or not reading.in_inference(sequence, *self.parameters()):
            return self._score(inputs, published_batching, generator)
        return join(reading.one_by_one(lambda index: self._score(inputs.only(index)), len(sequence)))

    def _score(
        self,
        inputs: Inputs,
        published_batching: bool = False,
        generator: torch.Generator | None = None,
    ) -> Seq2ExpOutput:
        """The whole computation, from top to bottom."""
        sequence, signals, gene_features, blacklist, include, fixed_mask, logits = inputs
        distribution = None
        if self.config.learns_mask:
            if logits is None:
                logits = self.sequence_logits(sequence, signals)
            distribution = self.mask_distribution(logits, signals)
            mask = self.learned_mask(distribution, blacklist, include, generator)
        elif self.selector is not None:
            mask = self.selected_mask(sequence, signals, blacklist, include)
        else:
            mask = cast("Tensor", fixed_mask)
        promoters = self.encode(sequence, signals, mask, published_batching)
        expression = apart(self.head, self.summarise(promoters, gene_features)).squeeze(-1)
        return Seq2ExpOutput(expression, mask, *(distribution or (None, None)))

    def embed(
        self, sequence: Tensor, signals: Tensor, with_signals: bool, mask: Tensor | None = None
    ) -> Embedded:
        """What a stack reads: bases and signals, each embedded, summed, times the mask."""
        parts, weights = [sequence], [self.sequence_embedding.weight]
        bias: Tensor = self.sequence_embedding.bias
        if with_signals:
            parts, weights = [*parts, signals], [*weights, self.signal_embedding.weight]
            bias = bias + self.signal_embedding.bias
        numbers = torch.cat([*parts, torch.ones_like(sequence[..., :1])], -1)
        if mask is not None:
            numbers = numbers * mask[..., None]
        return Embedded(numbers, torch.cat([*weights, bias[:, None]], 1))

    def embed_with_positions(self, sequence: Tensor, signals: Tensor, with_signals: bool) -> Embedded:
        """The same, with learned positions added."""
        return self.embed(sequence, signals, with_signals)._replace(positions=self.positions)

    def generate(self, sequence: Tensor, signals: Tensor) -> Tensor:
        """The hidden rows (batch, length, d_model) that the mask is predicted from."""
        generator = self.encoder if self.config.shared_stack else self.generator
        with_signals = self.config.signal_use is SignalUse.BOTH
        embed = self.embed_with_positions if self.config.position_embedding else self.embed
        return reading.read(generator, embed(sequence, signals, with_signals))

    def sequence_logits(
        self, sequence: Float[Tensor, "batch length 4"], signals: Float[Tensor, "batch length signals"]
    ) -> Float[Tensor, "batch length 2"]:
        """What the generator says of every base: for being left out, and for being kept."""
        return apart(self.mask_output, self.generate(sequence, signals))

    def mask_distribution(self, logits: Tensor, signals: Tensor) -> Beta:
        """The Beta distribution of each base's mask value, from the generator's logits and the signals."""
        config = self.config.beta
        of_sequence = elements.sequence_evidence(logits, config)
        of_signals = [
            elements.signal_evidence(signals[..., self.config.signals.index(name)], beta, config)
            for name, beta in zip(config.signals, self.signal_betas, strict=False)
        ]
        return elements.combine(of_sequence, of_signals, self.signal_weights.softmax(0), config)

    def learned_mask(
        self,
        distribution: Beta,
        blacklist: Tensor | None,
        include: Tensor | None,
        generator: torch.Generator | None = None,
    ) -> Float[Tensor, "batch length"]:
        """The mask that this model picks from its distribution, or in training draws from it."""
        rule = cast("LearnedMask", self.config.mask)
        if self.training:
            picked = elements.sample_mask(distribution, self._threshold_of_samples(), generator)
        else:
            picked = elements.pick_mask(distribution, rule)
        included = include if self.config.include_list else None
        return elements.clamp_mask(picked, blacklist, included, self.config.promoter)

    def _threshold_of_samples(self) -> float | None:
        """From which value on a sample counts as kept in training; None where it stays as it is."""
        if not self.config.straight_through:
            return None
        rule = self.config.mask
        return rule.threshold if isinstance(rule, HardMask) else HardMask().threshold

    def selected_mask(
        self, sequence: Tensor, signals: Tensor, blacklist: Tensor | None, include: Tensor | None
    ) -> Float[Tensor, "batch length"]:
        """The mask of a model with a selector: the top share of the selector's mask, and no clamps after."""
        selector, rule = cast("Seq2Exp", self.selector).eval(), cast("SelectorMask", self.config.mask)
        signals = signals[..., : len(selector.config.signals)]
        distribution = selector.mask_distribution(selector.sequence_logits(sequence, signals), signals)
        mask = selector.learned_mask(distribution, blacklist, include)
        return elements.top_mask(mask, rule.share)

    def encode(
        self, sequence: Tensor, signals: Tensor, mask: Tensor, published_batching: bool = False
    ) -> list[Float[Tensor, "rows d_model"]]:
        """Reads what the mask keeps and returns the rows of each window's promoter.

        With learned positions the kept rows are moved together first. The published code then pads
        all windows of a batch to the longest before reading, and the backward readers start in that
        padding: `published_batching` does the same.
        """
        if not self.config.position_embedding:
            with_signals = self.config.signal_use is not SignalUse.NEITHER
            x = self.embed(sequence, signals, with_signals, mask)
            rows = self.config.promoter or mask.shape[1]
            start = elements.promoter_start(mask.shape[1], rows)
            return list(reading.read(self.encoder, x, range(start, start + rows)))
        kept = self.kept_rows(sequence, signals, mask)
        if not published_batching:
            return reading.read_each(self.encoder, [rows for rows, _ in kept], [where for _, where in kept])
        hidden = reading.read(self.encoder, pad_sequence([rows for rows, _ in kept], batch_first=True))
        return [rows[where.start : where.stop] for rows, (_, where) in zip(hidden, kept, strict=True)]

    def kept_rows(self, sequence: Tensor, signals: Tensor, mask: Tensor) -> list[KeptRows]:
        """The rows that a mask of 0 and 1 keeps in each window, embedded with their positions."""
        with_signals = self.config.signal_use is not SignalUse.NEITHER
        promoter = self.config.promoter
        kept = []
        weigh = self.training and self.config.weighs_kept_rows
        for index, values in enumerate(mask):
            window, keep = slice(index, index + 1), values == 1
            x = self.embed_with_positions(sequence[window], signals[window], with_signals)
            before = int(keep[: self.config.window // 2].sum())  # kept bases left of the TSS
            start = before - promoter // 2
            rows = x.rows()[0, keep]
            # Times 1, which leaves rows as they are, but lets their gradient reach the mask.
            moved = rows * values[keep, None] if weigh else rows
            kept.append(KeptRows(moved, range(start, start + promoter)))
        return kept

    def summarise(
        self, promoters: list[Float[Tensor, "rows d_model"]], gene_features: Tensor | None
    ) -> Float[Tensor, "batch summary"]:
        """The mean promoter row of each window, beside the gene's features: the input of the head."""
        summary = torch.stack([aligned(rows).mean(0) for rows in promoters])
        if not self.config.gene_features:
            return summary
        return torch.cat([summary, cast("Tensor", gene_features)], 1)

    def compute_in(self, precision: Precision) -> None:
        """Says how exact a GPU's kernels are to be."""
        for module in self.modules():
            if isinstance(module, Stack):
                module.precision = precision

    @classmethod
    def initialised(cls, config: ModelConfig, seed: int) -> Self:
        """An untrained model in evaluation mode, with the published initial weights drawn from a seed."""
        with torch.device("meta"):  # no memory and no random numbers yet
            model = cls(config)
        model.to_empty(device="cpu")
        initialise(model, config, seed)
        return model.eval().requires_grad_(False)
