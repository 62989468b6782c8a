"""Frozen dataclasses to plain JSON values and back, strictly: unknown, missing or mistyped is an error.

Knows nothing of what the dataclasses mean. A union of dataclasses is told apart by the key "type".
"""

import dataclasses
import types
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

T = TypeVar("T")


def to_json(value: Any) -> Any:
    """Turns a dataclass into nested dicts; tuples become lists, enums their value."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        hints = get_type_hints(type(value))
        return {name: _tagged(getattr(value, name), hint) for name, hint in hints.items()}
    if isinstance(value, tuple):
        return [to_json(item) for item in value]
    return value.value if isinstance(value, StrEnum) else value


def from_json(cls: type[T], values: Any) -> T:
    """Builds a dataclass from what `to_json` made of it.

    Raises:
        ValueError: If a key is missing or unknown, or a value is of another type or refused.
    """
    if not isinstance(values, Mapping):
        raise ValueError(f"{cls.__name__} should be an object, not {values!r}")
    hints = get_type_hints(cls)
    if unknown := sorted(set(values) - set(hints)):
        raise ValueError(f"unknown settings of {cls.__name__}: {', '.join(map(str, unknown))}")
    if missing := sorted(set(hints) - set(values)):
        raise ValueError(f"missing settings of {cls.__name__}: {', '.join(missing)}")
    return cls(**{name: _read(hint, values[name], name) for name, hint in hints.items()})


def _tagged(value: Any, hint: Any) -> Any:
    plain = to_json(value)
    return {"type": type(value).__name__, **plain} if _variants(hint) else plain


def _variants(hint: Any) -> dict[str, type]:
    """The dataclasses of a union by name; empty for every other type."""
    if not isinstance(hint, types.UnionType):
        return {}
    classes = [option for option in get_args(hint) if isinstance(option, type)]
    return {option.__name__: option for option in classes if dataclasses.is_dataclass(option)}


def _read(hint: Any, value: Any, name: str) -> Any:
    if variants := _variants(hint):
        kind = value.get("type") if isinstance(value, Mapping) else None
        if kind not in variants:
            raise ValueError(f"{name} should be one of {', '.join(variants)}, not {value!r}")
        return from_json(variants[kind], {key: item for key, item in value.items() if key != "type"})
    if isinstance(hint, types.UnionType):  # "int | None"
        return None if value is None else _read(get_args(hint)[0], value, name)
    if get_origin(hint) is tuple:
        if not isinstance(value, list):
            raise ValueError(f"{name} should be a list, not {value!r}")
        return tuple(_read(get_args(hint)[0], item, name) for item in value)
    if dataclasses.is_dataclass(hint):
        return from_json(hint, value)  # type: ignore[arg-type]  # is_dataclass does not narrow to a type
    return _read_scalar(hint, value, name)


def _read_scalar(hint: Any, value: Any, name: str) -> Any:
    if issubclass(hint, StrEnum):
        return hint(value)  # its ValueError names the value
    number = hint is float and isinstance(value, int | float) and not isinstance(value, bool)
    if number:
        return float(value)
    if type(value) is not hint:
        raise ValueError(f"{name} should be of type {hint.__name__}, not {value!r}")
    return value
