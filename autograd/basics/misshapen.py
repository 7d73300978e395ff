"""A number given for a list, or a list of one number for a number: what Python's own error then leaves out."""

from __future__ import annotations

import re
from collections.abc import Mapping

_OF_ITEMS = re.compile(r"'\w*Value' object is not (subscriptable|iterable)|'\w*Value' has no len|iterable \w*Value")
_OF_A_LIST = re.compile(
    r"(unsupported|bad) operand type.*'list'|can't multiply sequence|can only concatenate list|'\S+' not supp.*'list'"
)


def mend(error: TypeError, numbers: Mapping[str, str], columns: Mapping[str, str]) -> None:
    """Let a TypeError of a function say which argument it is about; it goes on as it is, with the line of the function.

    Args:
        error: it.
        numbers: the arguments that are one number, each with what to write where the function asks for items of it.
        columns: those that are a list of one number, each with what to write where the function computes with the list.

    >>> error = TypeError("unsupported operand type(s) for -: 'list' and 'float'")
    >>> mend(error, {}, {"argument 0": "write 3.0"})
    >>> print(error)
    argument 0 is a list of one number, and the function computes with it as a number: write 3.0
    """
    if numbers and _OF_ITEMS.search(str(error)):
        what, found = "is one number, and the function asks for its items", numbers
    elif columns and _OF_A_LIST.match(str(error)):
        what, found = "is a list of one number, and the function computes with it as a number", columns
    else:
        return
    name, written = next(iter(found.items()))
    error.args = (f"{name} {what}: {written}",)
