"""One genome in one cell type: which elements it opens, and what these do there."""

from dataclasses import replace

import numpy as np

from seq2exp_tracks.simulation.elements import ACTIVITY_DECIMALS, ElementClass, PlantedElement
from seq2exp_tracks.simulation.plan import Plan
from seq2exp_tracks.simulation.setting import ActivityRule, Setting


def in_cell_type(plan: Plan, setting: Setting, rng: np.random.Generator) -> Plan:
    """The plan as one cell type has it.

    Each planned promoter is open with probability `promoters_open`, each enhancer with `enhancers_open`.
    What would act but has no open promoter in reach is closed: an open enhancer acts on a gene. Insulators
    are open in every cell type. A closed element keeps its sites and has neither signal nor effect.

    Args:
        plan: The plan that all cell types share.
        setting: How elements act.
        rng: Source of random numbers of this cell type.

    Returns:
        The same places and sites, with the class, openness and activity that they have in this cell type.
    """
    genes_drawn = rng.random(len(plan.genes)) < setting.promoters_open
    elements_drawn = rng.random(len(plan.elements)) < setting.enhancers_open
    genes = tuple(
        replace(planned, silent=planned.silent or not is_open)
        for planned, is_open in zip(plan.genes, genes_drawn.tolist(), strict=True)
    )
    sites = {
        chrom: np.array([p.gene.tss for p in genes if p.gene.chrom == chrom and not p.silent], dtype=np.int64)
        for chrom in plan.chromosomes
    }
    loud = {planned.gene.id for planned in genes if not planned.silent}

    def state(element: PlantedElement, drawn: bool) -> PlantedElement:
        if element.kind is ElementClass.PROMOTER:
            return _acting(element, setting) if element.gene in loud else _closed(element)
        distances = np.abs(sites[element.interval.chrom] - element.centre)
        heard = bool((distances <= plan.reach).any())
        if element.kind is ElementClass.ENHANCER:
            return _distal(element, setting) if drawn and heard else _closed(element)
        if element.kind is ElementClass.PEAK_DECOY and setting.insulators_act:
            return _distal(element, setting) if heard else _closed(element)
        return element

    elements = tuple(
        state(element, drawn) for element, drawn in zip(plan.elements, elements_drawn.tolist(), strict=True)
    )
    return replace(plan, genes=genes, elements=elements)


def _closed(element: PlantedElement) -> PlantedElement:
    return replace(element, kind=ElementClass.MOTIF_DECOY, openness=0.0, activity=0.0)


def _distal(element: PlantedElement, setting: Setting) -> PlantedElement:
    """An open distal element: an enhancer, or a peak without effect where distal elements do nothing."""
    if not setting.distal_acts:
        return replace(element, kind=ElementClass.PEAK_DECOY, activity=0.0)
    return _acting(replace(element, kind=ElementClass.ENHANCER), setting)


def _acting(element: PlantedElement, setting: Setting) -> PlantedElement:
    """An acting element with the activity that the setting gives it."""
    if setting.activity is ActivityRule.SIGNAL:
        activity = round(element.openness, ACTIVITY_DECIMALS)
        return replace(element, activity=activity, acetylation=1.0)
    return element
