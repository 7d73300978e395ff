"""The collector stands still for a block, and then is as it was."""

from __future__ import annotations

import gc

import pytest

from autograd.basics.collector import no_collection


def test_it_stands_still_however_the_block_ends():
    with no_collection():
        assert not gc.isenabled()
        with no_collection():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()
    with pytest.raises(KeyError), no_collection():
        raise KeyError
    assert gc.isenabled()
