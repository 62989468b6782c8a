"""From active elements to expression, by a formula that a reader can redo from `truth.bed`.

    expression(gene) = BASELINE + sum of effect(element, gene) + noise, not below 0
    effect(element, gene) = GAIN * activity(element) * relative_contact(distance of its middle to the TSS)

over the gene's own promoter and the enhancers within the plan's reach of its TSS. A gene whose promoter is
closed has BASELINE and noise only. Activity times contact is the rule of the ABC model (Fulco et al. 2019).
"""

from dataclasses import dataclass

import numpy as np

from seq2exp_tracks.genome import Gene
from seq2exp_tracks.simulation.contacts import relative_contact
from seq2exp_tracks.simulation.elements import ElementClass, PlantedElement
from seq2exp_tracks.simulation.plan import Plan

# In log10(1 + CAGE).
BASELINE = 0.3
GAIN = 0.2  # per unit of activity, at contact 1
NOISE_SD = 0.1


@dataclass(frozen=True, slots=True)
class Effect:
    """What one element adds to the expression of one gene.

    Attributes:
        element: The element.
        gene: The gene.
        size: In log10(1 + CAGE), above 0.
    """

    element: PlantedElement
    gene: Gene
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


def effects(plan: Plan) -> tuple[Effect, ...]:
    """Every effect of an element on a gene, in the order of genes, then elements."""
    return tuple(
        Effect(element, planned.gene, _effect(element, planned.gene))
        for planned in plan.genes
        if not planned.silent
        for element in plan.elements
        if _acts_on(element, planned.gene, plan.reach)
    )


def draw_expression(plan: Plan, rng: np.random.Generator) -> dict[str, Expression]:
    """Expression of every gene, by its id."""
    expected = {planned.gene.id: BASELINE for planned in plan.genes}
    for effect in effects(plan):
        expected[effect.gene.id] += effect.size
    return {
        gene: Expression(value, max(0.0, value + float(rng.normal(0.0, NOISE_SD))))
        for gene, value in expected.items()
    }


def _acts_on(element: PlantedElement, gene: Gene, reach: int) -> bool:
    """Whether an element acts on an active gene: its own promoter, or an enhancer in reach."""
    if element.kind is ElementClass.PROMOTER:
        return element.gene == gene.id
    near = element.interval.chrom == gene.chrom and abs(element.centre - gene.tss) <= reach
    return element.kind is ElementClass.ENHANCER and near


def _effect(element: PlantedElement, gene: Gene) -> float:
    return GAIN * element.activity * relative_contact(float(abs(element.centre - gene.tss)))
