"""microgpt's step: the plain engine, ours, NumPy with the backward by hand and PyTorch have the same losses."""

from __future__ import annotations

import pytest

pytest.importorskip("torch")
pytest.importorskip("names")

from autograd import Value

from ..benchmarks import gpt, gpt_twins, microgpt

NAMES = ["jo", "al"]


@pytest.fixture(scope="module")
def first() -> list[float]:
    return microgpt.start()[1]


@pytest.fixture(scope="module")
def wanted() -> list[float]:
    step = microgpt.plain()
    return [step(name) for name in NAMES]


def test_the_script_on_our_values_has_the_losses_of_the_plain_engine(first, wanted):
    script = microgpt.Script(map(Value, first))
    step = microgpt.stepper(script, microgpt.own_adam(script.parameters))
    assert [step(name) for name in NAMES] == pytest.approx(wanted, rel=1e-12)


@pytest.mark.parametrize("make", [gpt.eager, gpt.session, gpt_twins.by_hand], ids=lambda make: make.__name__)
def test_by_dot_compiled_and_by_hand_the_losses_are_the_same(make, first, wanted):
    step = make(first)
    assert [step(microgpt.tokens_of(name)) for name in NAMES] == pytest.approx(wanted, rel=1e-12)


def test_pytorchs_losses_are_the_same_and_of_a_batch_the_mean_of_the_names(first, wanted):
    step = gpt_twins.pytorch(first)
    assert [step([microgpt.tokens_of(name)]) for name in NAMES] == pytest.approx(wanted, rel=1e-12)
    alone = [gpt_twins.by_hand(first)(microgpt.tokens_of(name)) for name in ("jo", "anne")]
    batch = gpt_twins.pytorch(first)([microgpt.tokens_of(name) for name in ("jo", "anne")])
    assert batch == pytest.approx(sum(alone) / 2, rel=1e-12)
