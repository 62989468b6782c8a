"""What an evaluation says becomes an outcome: a mask gets the name of its method."""

from outcomes_by_hand import caduceus

from seq2exp_tracks.comparison.outcomes import Area, Coverage, with_evaluation
from seq2exp_tracks.comparison.values import areas_by_seed

ESTIMATE = {"value": 0.5, "low": 0.25, "high": 0.75}
RECORD = {
    "mask": {"applied": 0.375},
    "elements": {
        "pairs": [
            {
                "method": name,
                "places": "distal",
                "items": 4,
                "positive": 1,
                "auprc": ESTIMATE,
                "auroc": ESTIMATE,
            }
            for name in ("mask", "mask.max", "DNase")
        ],
        "bases": [
            {"method": "mask", "places": "all", "items": 8, "positive": 2, "auprc": ESTIMATE}
            | {"auroc": {"value": None, "low": None, "high": None}}
        ],
        "equal_coverage": [
            {"method": "mask", "places": "all", "coverage_of": "mask", "share": 0.1}
            | {"precision": ESTIMATE, "recall": ESTIMATE},
            {"method": "MACS3", "places": "all", "coverage_of": "MACS3", "share": 0.2}
            | {"precision": ESTIMATE, "recall": ESTIMATE},
        ],
    },
}


def test_areas_and_coverage_are_those_of_the_evaluation() -> None:
    found = with_evaluation(caduceus(1, 0.5, 0.5), RECORD)
    assert found.areas == (
        Area("caduceus mask", "pairs", "distal", 4, 1, 0.5, 0.5),
        Area("caduceus mask.max", "pairs", "distal", 4, 1, 0.5, 0.5),
        Area("DNase", "pairs", "distal", 4, 1, 0.5, 0.5),
        Area("caduceus mask", "bases", "all", 8, 2, 0.5, None),
    )
    assert found.coverage == (
        Coverage("caduceus mask", "all", "caduceus mask", 0.1, 0.5, 0.5),
        Coverage("MACS3", "all", "MACS3", 0.2, 0.5, 0.5),
    )
    assert found.mask_read == 0.375
    assert found.expression == caduceus(1, 0.5, 0.5).expression


def test_without_a_truth_only_the_share_that_is_read_is_known() -> None:
    found = with_evaluation(caduceus(1, 0.5, 0.5), RECORD | {"elements": None})
    assert (found.areas, found.coverage, found.mask_read) == ((), (), 0.375)


def test_a_table_shows_masks_first_and_each_name_once() -> None:
    found = with_evaluation(caduceus(1, 0.5, 0.5), RECORD)
    assert areas_by_seed([found], "pairs", "distal") == {"caduceus mask": {1: 0.5}, "DNase": {1: 0.5}}
    assert areas_by_seed([found], "pairs", "distal", "chance") == {
        "caduceus mask": {1: 0.25},
        "DNase": {1: 0.25},
    }


def test_where_nothing_is_ranked_there_is_no_chance() -> None:
    nothing = {"method": "mask", "places": "distal", "items": 0, "positive": 0}
    unknown = {"value": None, "low": None, "high": None}
    pairs = [nothing | {"auprc": unknown, "auroc": unknown}]
    found = with_evaluation(
        caduceus(1, 0.5, 0.5), RECORD | {"elements": RECORD["elements"] | {"pairs": pairs}}
    )
    assert areas_by_seed([found], "pairs", "distal", "chance") == {"caduceus mask": {1: None}}
