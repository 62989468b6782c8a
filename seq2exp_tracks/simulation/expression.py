"""From active elements to expression, by a formula that a reader can redo from `truth.bed`.

    expression(gene) = baseline + sum of effect(element, gene) + noise, not below 0
    effect(element, gene) = gain * activity(element) * contact(middle of the element, TSS), to 6 decimals

over the gene's own promoter and the enhancers within the plan's reach of its TSS. A gene whose promoter is
closed has baseline and noise only. Baseline, gain and noise are of the setting, the contact is that of the
Hi-C map (`contacts.py`). Activity times contact is the rule of the ABC model (Fulco et al. 2019).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from seq2exp_tracks.genome import Gene
from seq2exp_tracks.simulation.contacts import relative_contact
from seq2exp_tracks.simulation.elements import ElementClass, PlantedElement
from seq2exp_tracks.simulation.plan import Plan
from seq2exp_tracks.simulation.setting import DEFAULT, Setting

# To which effects are rounded before they are added, so that the sum of those in `truth.bed` is exact.
EFFECT_DECIMALS = 6


@dataclass(frozen=True, slots=True)
class Effect:
    """What one element adds to the expression of one gene.

    Attributes:
        element: The element.
        gene: The gene.
        contact: Of the element's middle and the TSS, as a fraction of a locus with itself.
        size: In log10(1 + CAGE), above 0.
    """

    element: PlantedElement
    gene: Gene
    contact: float
    size: float


@dataclass(frozen=True, slots=True)
class Expression:
    """Expression of a gene, in log10(1 + CAGE).

    Attributes:
        expected: By the formula without noise.
        measured: With noise: the label.
    """

    expected: float
    measured: float


def effects(plan: Plan, setting: Setting = DEFAULT) -> tuple[Effect, ...]:
    """Every effect of an element on a gene of a cell type's plan, in the order of genes, then elements."""
    return tuple(_effects(plan, setting))


def draw_expression(
    plan: Plan, rng: np.random.Generator, setting: Setting = DEFAULT
) -> dict[str, Expression]:
    """Expression of every gene in a cell type's plan, by its id."""
    expected = {planned.gene.id: setting.baseline for planned in plan.genes}
    for effect in _effects(plan, setting):
        expected[effect.gene.id] += effect.size
    return {
        gene: Expression(value, max(0.0, value + float(rng.normal(0.0, setting.noise_sd))))
        for gene, value in expected.items()
    }


def _effects(plan: Plan, setting: Setting) -> Iterator[Effect]:
    active: dict[str, list[PlantedElement]] = {chrom: [] for chrom in plan.chromosomes}
    for element in plan.elements:
        if element.kind.is_active:
            active[element.interval.chrom].append(element)
    for planned in plan.genes:
        gene = planned.gene
        for element in active[gene.chrom] if not planned.silent else ():
            if _acts_on(element, gene, plan.reach):
                contact = relative_contact(plan.domains, gene.chrom, element.centre, gene.tss)
                size = round(setting.gain * element.activity * contact, EFFECT_DECIMALS)
                yield Effect(element, gene, contact, size)


def _acts_on(element: PlantedElement, gene: Gene, reach: int) -> bool:
    """Whether an active element acts on an active gene of its chromosome: its promoter, or in reach."""
    if element.kind is ElementClass.PROMOTER:
        return element.gene == gene.id
    return abs(element.centre - gene.tss) <= reach
