"""EPInformer as a baseline (Lin et al.): the promoter and the elements near it, joined by attention.

Convolutions read each stretch of 2 kb alone; layers of attention join them, in which an element sees the
promoter and itself only; what the promoter's row then holds gives the expression.
"""

import itertools
from typing import cast

import torch
from jaxtyping import Bool, Float
from torch import Tensor, nn
from torch.nn.functional import pad

from seq2exp_tracks.model.baselines.baseline import BASES, Baseline, beside, make_head
from seq2exp_tracks.model.baselines.candidate_elements import candidate_mask
from seq2exp_tracks.model.baselines.configs import ACCESSIBILITY, EPInformerConfig
from seq2exp_tracks.model.baselines.epinformer_elements import ELEMENT_FEATURES, Elements, cut_elements

HEAD_WIDTH = 128

# Channels of the convolutions that read bases, and of those that sum up a stretch.
_STEM, _STEM_TAPS = 256, 8
_TOWER = (256, 128, 64, 64, 128)
_SUMMARY_WIDTH, _SUMMARY_OUT = 64, 32
_SUMMARY_DILATIONS = (2, 4, 6)
_SUMMARY_POSITIONS = 101  # left of 2,000 bases by four poolings and three dilated convolutions


class StretchEncoder(nn.Module):
    """Convolutions over stretches of bases; each of four stages halves the length."""

    def __init__(self) -> None:
        super().__init__()
        self.stem_conv = nn.Sequential(nn.Conv2d(BASES, _STEM, (1, _STEM_TAPS)), nn.ELU())
        self.conv_tower = nn.ModuleList()
        for before, after in itertools.pairwise(_TOWER):
            halving = (nn.BatchNorm2d(after), nn.ELU(), nn.MaxPool2d((1, 2)))
            self.conv_tower.append(nn.Sequential(nn.Conv2d(before, after, (1, 3), padding=(0, 1)), *halving))
            self.conv_tower.append(nn.Sequential(nn.Conv2d(after, after, (1, 1)), nn.ELU()))

    def forward(
        self, stretches: Float[Tensor, "batch stretches bases 4"]
    ) -> Float[Tensor, "batch channels stretches positions"]:
        """Reads each stretch alone."""
        given = stretches.permute(0, 3, 1, 2)
        # As much before as after, but for one base: the length stays.
        x: Tensor = self.stem_conv(pad(given, ((_STEM_TAPS - 1) // 2, _STEM_TAPS // 2)))
        layers = list(self.conv_tower)
        for halve, mix in zip(layers[::2], layers[1::2], strict=True):
            x = halve(x)
            x = mix(x) + x
        return x


class AttentionLayer(nn.Module):
    """Attention and a small network, each after a norm and added to what came in."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.self_attn = nn.MultiheadAttention(width, heads, batch_first=True)
        self.norm1 = nn.LayerNorm(width)
        self.norm2 = nn.LayerNorm(width)
        self.ff = nn.Sequential(nn.Linear(width, 4 * width), nn.ReLU(), nn.Linear(4 * width, width))

    def forward(
        self,
        x: Float[Tensor, "batch stretches width"],
        absent: Bool[Tensor, "batch stretches"],
        unseen: Bool[Tensor, "stretches stretches"],
    ) -> tuple[Tensor, Float[Tensor, "batch stretches stretches"]]:
        """The rows, and how much each looks at which, averaged over the heads."""
        v = self.norm1(x)
        joined, attention = self.self_attn(v, v, v, key_padding_mask=absent, attn_mask=unseen)
        x = x + joined
        return x + self.ff(self.norm2(x)), attention


class EPInformer(Baseline[EPInformerConfig]):
    """The whole model, with activity, contact and distance of each element.

    Args:
        config: What the model is made of.
    """

    def __init__(self, config: EPInformerConfig) -> None:
        super().__init__(config)
        width = config.d_model
        self.seq_encoder = StretchEncoder()
        self.conv_out = _make_summary(width)
        self.add_pos_conv = nn.Sequential(
            nn.Conv1d(width + ELEMENT_FEATURES, width, 1), nn.ReLU(), nn.Conv1d(width, width, 1), nn.ReLU()
        )
        self.attn_encoder = nn.ModuleList(AttentionLayer(width, config.heads) for _ in range(config.layers))
        self.head = make_head(width + config.gene_features, HEAD_WIDTH)

    def predict(
        self,
        sequence: Float[Tensor, "batch length 4"],
        signals: Float[Tensor, "batch length signals"],
        gene_features: Float[Tensor, "batch features"] | None,
        fixed_mask: Float[Tensor, "batch length"] | None,
    ) -> Float[Tensor, " batch"]:
        """The expression of each window, by the stretches of the mask or elements called from DNase."""
        if self.config.calls_elements:
            accessible = signals[..., self.config.signals.index(ACCESSIBILITY)]
            mask = candidate_mask(accessible, self.config.elements)
        else:
            mask = cast("Tensor", fixed_mask)
        elements = cut_elements(sequence, signals, mask, self.config.signals, self.config.elements)
        return self.read(elements, gene_features)[0]

    def read(
        self, elements: Elements, gene_features: Float[Tensor, "batch features"] | None
    ) -> tuple[Float[Tensor, " batch"], Float[Tensor, "layers batch stretches stretches"]]:
        """The expression of each gene, and the attention of every layer.

        Args:
            elements: The promoter and the elements of each gene.
            gene_features: Numbers of each gene.
        """
        absent = ~elements.bases.flatten(2).any(-1)
        absent[:, 0] = False  # a promoter of N alone would leave its row nothing to look at
        unseen = ~torch.eye(absent.shape[1], dtype=torch.bool, device=absent.device)
        unseen[:, 0] = False
        unseen[0, :] = False
        x = self.conv_out(self.seq_encoder(elements.bases)).transpose(1, 2).flatten(2)
        x = self.add_pos_conv(torch.cat([x, elements.features], -1).transpose(1, 2)).transpose(1, 2)
        looks = []
        for layer in self.attn_encoder:
            x, attention = layer(x, absent, unseen)
            looks.append(attention)
        expression: Tensor = self.head(beside(x[:, 0], gene_features, self.config.gene_features))
        return expression.squeeze(-1), torch.stack(looks)

    @torch.no_grad()
    def draw(self, seed: int) -> None:
        """Every layer of attention starts as the first does, as in the published code."""
        del seed
        first, *others = self.attn_encoder
        for layer in others:
            layer.load_state_dict(first.state_dict())


def _make_summary(width: int) -> nn.Sequential:
    """From the encoder's positions of a stretch to a few numbers for each of 32 channels."""
    parts: list[nn.Module] = []
    before = _TOWER[-1]
    for dilation in _SUMMARY_DILATIONS:
        parts += [
            nn.Conv2d(before, _SUMMARY_WIDTH, (1, 3), dilation=(1, dilation)),
            nn.BatchNorm2d(_SUMMARY_WIDTH),
            nn.ELU(),
        ]
        before = _SUMMARY_WIDTH
    parts += [nn.Conv2d(before, _SUMMARY_OUT, (1, 1)), nn.BatchNorm2d(_SUMMARY_OUT), nn.ELU()]
    return nn.Sequential(*parts, nn.Linear(_SUMMARY_POSITIONS, width // _SUMMARY_OUT), nn.ELU())
