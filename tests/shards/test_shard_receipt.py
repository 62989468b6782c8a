"""Receipts and the plan in their files: as they were written, or they do not count."""

import json
from pathlib import Path

import pytest
from shard_samples import IDENTITY

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.shards.plan_file import Plan
from seq2exp_tracks.shards.receipt import Receipt

RECEIPT = Receipt(
    shard=3,
    genes=2,
    key="a" * 64,
    path={"devices": ["cpu"], "kernels": "AVX2"},
    sha256="b" * 64,
    bytes=1234,
    seconds=1.5,
    finished="2026-01-01T00:00:00+00:00",
    host="knoten-é",
)
PLAN = Plan(
    identity=IDENTITY,
    shards=(2, 2, 1),
    genes="a" * 64,
    request={"window": 40, "names": ["A", "B"], "merge": "max"},
    command="seq2exp-tracks score --out run",
    created="2026-01-01T00:00:00+00:00",
    keys=("b" * 64, "c" * 64, "d" * 64),
)


def test_a_receipt_comes_back_as_it_was_written(tmp_path: Path) -> None:
    file = tmp_path / "000003.json"
    assert Receipt.read(file) is None
    RECEIPT.write(file)
    assert Receipt.read(file) == RECEIPT
    assert list(tmp_path.iterdir()) == [file]


def test_a_receipt_with_a_bit_flipped_anywhere_does_not_count(tmp_path: Path) -> None:
    file = tmp_path / "000003.json"
    RECEIPT.write(file)
    content = file.read_bytes()
    for place in range(0, len(content), 5):  # letters, figures, and the blanks between them
        damaged = bytearray(content)
        damaged[place] ^= 1 << place % 8
        file.write_bytes(damaged)
        assert Receipt.read(file) is None, (place, damaged)


def test_a_receipt_that_ends_early_at_any_place_does_not_count(tmp_path: Path) -> None:
    file = tmp_path / "000003.json"
    RECEIPT.write(file)
    content = file.read_bytes()
    for length in [*range(0, len(content), 37), len(content) - 1]:
        file.write_bytes(content[:length])
        assert Receipt.read(file) is None


@pytest.mark.parametrize("text", ["[]", "null", "3", '{"shard": 3}', "[" * 100_000])
def test_other_json_is_no_receipt(tmp_path: Path, text: str) -> None:
    file = tmp_path / "000003.json"
    file.write_text(text)
    assert Receipt.read(file) is None


def test_a_receipt_of_another_version_does_not_count(tmp_path: Path) -> None:
    file = tmp_path / "000003.json"
    RECEIPT.write(file)
    file.write_text(file.read_text().replace('"1.0"', '"1.1"'))
    assert Receipt.read(file) is None


def test_a_plan_comes_back_as_it_was_written(tmp_path: Path) -> None:
    assert Plan.read(tmp_path) is None
    PLAN.write(tmp_path)
    assert Plan.read(tmp_path) == PLAN
    assert [path.name for path in tmp_path.iterdir()] == ["plan.json"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *[("version", version) for version in ("2.0", None)],
        *[("format", "seq2exp-tracks run"), ("identity", []), ("identity", {"inputs": {}})],
        *[("identity", {"inputs": 5, "settings": {}, "versions": {}, "path": {}})],
        *[("shards", 3), ("shards", ["x"]), ("request", None), ("keys", None), ("keys", ["a"])],
    ],
)
def test_a_plan_that_is_damaged_or_of_a_later_version_is_one_line_with_the_way_out(
    tmp_path: Path, name: str, value: object
) -> None:
    PLAN.write(tmp_path)
    file = tmp_path / "plan.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {name: value}))
    with pytest.raises(
        InputError, match=r"^\S*plan\.json: cannot be read \(.*--resume .* --overwrite [^\n]*$"
    ):
        Plan.read(tmp_path)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff", b"[" * 100_000])
def test_a_plan_that_is_no_json_object_is_one_line(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "plan.json").write_bytes(content)
    with pytest.raises(InputError, match=r"^\S*plan\.json: cannot be read \([^\n]*$"):
        Plan.read(tmp_path)


def test_plans_differ_in_their_identity_and_in_their_genes() -> None:
    now = Plan(IDENTITY, (2, 2), "b" * 64, {}, "", "", ("", ""))
    assert now.differences(PLAN) == ["genes: 5, now 4"]
    same_number = Plan(IDENTITY, PLAN.shards, "b" * 64, {}, "", "", PLAN.keys)
    assert same_number.differences(PLAN) == ["genes: 5, now 5 other ones"]
    assert Plan(IDENTITY, PLAN.shards, PLAN.genes, {}, "x", "y", PLAN.keys).differences(PLAN) == []
