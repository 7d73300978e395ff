"""Formulas of matrices: brackets where they are needed, one factor, the same in text and in LaTeX."""

from __future__ import annotations

import pytest

from autograd.notation.matrices import Written, column, form, in_latex, listed, places, symbol
from autograd.notation.tightness import ATOM, MATRIX, SUM, TIMES


def test_a_part_that_holds_together_less_tightly_than_its_place_demands_has_brackets():
    a, b = symbol("A"), symbol("B")
    total = form("#1 + #2", SUM, (a, SUM), (b, SUM))
    product = form("#1 ⊙ #2", TIMES, (total, TIMES), (a, TIMES))
    assert (product.text, product.latex) == ("(A + B) ⊙ A", r"\left(A + B\right) \odot A")
    assert form("#1 + #2", SUM, (product, SUM), (b, SUM)).text == "(A + B) ⊙ A + B"


@pytest.mark.parametrize(
    ("pattern", "latex"),
    [
        ("#1 − #2", "#1 - #2"),
        ("#1ᵀ #2", r"#1^{\top} #2"),
        ("#1³", "#1^{3}"),
        ("#1^#2", "#1^{#2}"),
        ("#1 𝟏", r"#1 \mathbf{1}"),
        ("∇#1", r"\nabla #1"),
        ("#1 ≤ #2", r"#1 \le #2"),
        ("sum↓(#1)", r"\operatorname{sum}_{\downarrow}(#1)"),
        ("sum↓3(#1)", r"\operatorname{sum}_{\downarrow 3}(#1)"),
        ("mat2×3(#1)", r"\operatorname{mat}_{2 \times 3}(#1)"),
        ("into5[0:3](#1)", r"\operatorname{into}_{5}[0:3](#1)"),
        ("ln softmax↓(#1)", r"\ln \operatorname{softmax}_{\downarrow}(#1)"),
        ("#1[0, 1]", "#1[0, 1]"),
    ],
)
def test_a_pattern_is_the_same_in_latex(pattern, latex):
    assert in_latex(pattern) == latex


def test_a_column_of_ones_is_a_plain_one_in_text():
    assert form("#1 𝟏", MATRIX, (symbol("Z1"), MATRIX)).text == "Z1 1"


@pytest.mark.parametrize(
    ("written", "text", "latex"),
    [
        (Written.number(0.0), "0", "0"),
        (Written.number(-2.5), "−2.5", "-2.5"),
        (Written.number(1 / 3), "1 / 3", r"\frac{1}{3}"),
        (Written.name("Z1"), "Z1", "Z_{1}"),
        (Written.name("Z1").times(Written.number(-1.0)), "−Z1", "-Z_{1}"),
        (Written.name("Z1").times(Written.number(0.5)), "½ Z1", r"\tfrac{1}{2}\, Z_{1}"),
        (Written.name("Z1").times(Written.number(2 / 3)), "2 Z1 / 3", r"\frac{2\, Z_{1}}{3}"),
        (Written.name("Z1").over(Written(None, batches=1, size=200)), "Z1 / 200", r"\frac{Z_{1}}{200}"),
        (Written.name("Z1").over(Written(None, 3.0, 1, 200)), "Z1 / (3 · 200)", r"\frac{Z_{1}}{3 \cdot 200}"),
    ],
)
def test_a_factor_is_written_once(written, text, latex):
    assert (written.full.text, written.full.latex) == (text, latex)


def test_the_number_of_examples_counts_in_the_value_of_a_number():
    two_batches = Written.number(2.0).times(Written(None, batches=1, size=50))
    assert two_batches.value == 100.0
    assert Written.number(1.0).over(two_batches).value == 0.01


def test_a_linear_operation_leaves_the_factor_outside():
    found = Written.name("Z1").times(Written.number(3.0)).inside("sum↓(#1)", ATOM)
    assert found.full.text == "3 sum↓(Z1)"
    assert found.uses == {"Z1"}


def test_of_long_lists_the_first_items_and_the_last_are_written():
    assert listed([str(i) for i in range(20)], ", ") == "0, 1, 2, 3, 4, 5, …, 19"
    assert column([symbol("a"), symbol("b")]).text == "[a; b]"


def test_rows_that_follow_one_another_are_a_slice():
    assert places([4, 5, 6, 1, 0]) == "4:7, 1, 0"


def test_primes_stand_behind_an_index():
    assert symbol("W1′").latex == "W_{1}'"
    assert symbol("δ2").latex == r"\delta _{2}"
