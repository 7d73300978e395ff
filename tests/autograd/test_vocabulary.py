"""What may stand in an expression, and what is said of the rest."""

from __future__ import annotations

from inspect import signature

import pytest

import autograd
from autograd import Value, functions, ops
from autograd.expression import FUNCTIONS, ExpressionError, parse
from autograd.vocabulary import is_list


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_every_function_of_the_package_with_a_number_for_a_result_can_be_called(name):
    arguments = {"dot": "[x, y], [y, x], x", "clip": "x, 0.75", "clamp": "x, max=y", "polygamma": "2, x"}.get(name)
    if arguments is None:
        takes_list = name in functions.__all__ and is_list(next(iter(signature(FUNCTIONS[name]).parameters.values())))
        takes_two = isinstance(FUNCTIONS[name], autograd.rules.Binary) or name == "logaddexp"
        arguments = "[x, y]" if takes_list else "x, y" if takes_two else "x"
    x, y = (1.5, 0.75) if name.startswith("acosh") else (0.5, 0.75)
    f = parse(f"{name}({arguments}) + 0*x + 0*y")
    expected = eval(f"{name}({arguments})", {**FUNCTIONS, "x": x, "y": y})
    assert f(x, y) == expected
    assert f(Value(x), Value(y)).data == expected


def test_the_functions_are_the_package_s_own_but_those_that_give_lists():
    assert set(FUNCTIONS) == {*ops.__all__, *functions.__all__} - {"softmax", "log_softmax", "where"}
    assert all(getattr(autograd, name) is function for name, function in FUNCTIONS.items())


ALLOWED = "an expression is made of numbers, names, + - * / ** %, brackets and the functions of autograd"
CHOOSE = "an expression has no conditions: clip, maximum and relu choose by size"


@pytest.mark.parametrize(
    ("text", "part", "mend"),
    [
        ("1 + x^2", "1 + x^2", "powers are written with **, as in x**2"),
        ("x // 2 + 1", "x // 2", "// is written floor(x / y), and its derivative is zero"),
        ("where(x < 2, x, y)", "where(x < 2, x, y)", CHOOSE),
        ("x | 2", "x | 2", "abs(x)"),
        ("1 + (x < 2)", "x < 2", CHOOSE),
        ("x == 2", "x == 2", CHOOSE),
        ("x and y", "x and y", CHOOSE),
        ("not x", "not x", ALLOWED),
        ("~x", "~x", ALLOWED),
        ("x @ y", "x @ y", ALLOWED),
        ("x << 2", "x << 2", ALLOWED),
        ("1 + (lambda: 0)", "lambda: 0", ALLOWED),
        ("x.real + 1", "x.real", ALLOWED),
        ("().__class__.__bases__", "().__class__.__bases__", ALLOWED),
        ("x[0] + 1", "x[0]", ALLOWED),
        ("sum([1, 2][0:1])", "sum([1, 2][0:1])", "sum is called as in sum([values, ...])"),
        ("'a'", "'a'", ALLOWED),
        ("b'a'", "b'a'", ALLOWED),
        ("f'{x}'", "f'{x}'", ALLOWED),
        ("1 + True", "True", ALLOWED),
        ("None", "None", ALLOWED),
        ("...", "...", ALLOWED),
        ("x + 2j", "2j", "only real numbers have a place here"),
        ("x if y else z", "x if y else z", CHOOSE),
        ("(x := 2)", "x := 2", ALLOWED),
        ("[x for x in y]", "[x for x in y]", ALLOWED),
        ("{x}", "{x}", ALLOWED),
        ("{x: 1}", "{x: 1}", ALLOWED),
        ("await x", "await x", ALLOWED),
        ("(yield x)", "yield x", ALLOWED),
        ("sum([*x])", "*x", ALLOWED),
        ("x + 1,5", "x + 1,5", "decimals are written with a point, as in 1.5"),
        ("1 + [x]", "[x]", "a list can only be an argument of dot, logsumexp, mean, norm, prod, std, sum and var"),
        ("sum([[x]])", "[x]", "a list can only be an argument of"),
        ("2(x + 1)", "2(x + 1)", "to multiply, write *"),
        ("(x + 1)(x - 1)", "(x + 1)(x - 1)", "to multiply, write *"),
        ("x(y + 1)", "x(y + 1)", "there is no function x (to multiply, write *)"),
        ("1 + sine(x)", "sine(x)", "did you mean sin(a)?"),
        ("lg(x)", "lg(x)", "did you mean log10(a)?"),
        ("tg(x)", "tg(x)", "did you mean tan(a)?"),
        ("arcsin(x)", "arcsin(x)", "did you mean asin(a)?"),
        ("arsinh(x)", "arsinh(x)", "did you mean asinh(a)?"),
        ("math.ln(x)", "math.log(x)", "a function is called by its bare name"),
        ("2ln(x)", "2ln(x)", "to multiply, write *, as in 2*x"),
        ("max(x, y)", "max(x, y)", "did you mean maximum(a, b)?"),
        ("arctan(x)", "arctan(x)", "did you mean atan(a)?"),
        ("qqq(x)", "qqq(x)", "the functions are abs, acos, "),
        ("softmax([x, y])", "softmax([x, y])", "softmax gives a list, and an expression is a single number"),
        ("math.sin(x)", "math.sin(x)", "a function is called by its bare name"),
        ("__import__('os').system('ls')", "__import__('os').system('ls')", "a function is called by its bare name"),
        ("__import__('os')", "__import__('os')", "there is no function __import__"),
        ("eval('1')", "eval('1')", "there is no function eval"),
        ("straight_through(x)", "straight_through(x)", "there is no function straight_through"),
        ("sin()", "sin()", "sin is called as in sin(a)"),
        ("sin(x, y)", "sin(x, y)", "sin is called as in sin(a)"),
        ("sin([x])", "sin([x])", "sin is called as in sin(a)"),
        ("sin(a=x)", "sin(a=x)", "sin is called as in sin(a)"),
        ("atan2(x)", "atan2(x)", "atan2 is called as in atan2(a, b)"),
        ("sum(x)", "sum(x)", "sum is called as in sum([values, ...])"),
        ("sum(*x)", "sum(*x)", "sum is called as in"),
        ("elu(x, **y)", "elu(x, **y)", "elu is called as in elu(x, alpha=1.0)"),
        ("elu(x, alpha=1, alpha=2)", "elu(x, alpha=1, alpha=2)", "elu is called as in"),
        ("elu(x, beta=1)", "elu(x, beta=1)", "elu is called as in"),
        ("elu(x, alpha='1')", "'1'", ALLOWED),
        ("gelu(x, approximate=1)", "gelu(x, approximate=1)", "gelu is called as in gelu(x, approximate='none')"),
        ("gelu(x, approximate=y)", "gelu(x, approximate=y)", "gelu is called as in gelu(x, approximate='none')"),
        ("2x", "2x", "to multiply, write *, as in 2*x"),
        ("3 + 2pi", "3 + 2pi", "to multiply, write *, as in 2*x"),
        ("y = x**2", "y = x**2", "there is no = in an expression"),
        ("x # + y", "x # + y", "there are no comments in an expression"),
        ("2 + ", "2 +", "at its end"),
        ("2 + * 3", "2 + * 3", "at character 5"),
        ("(x", "(x", "'(' was never closed, at character 1"),
        ("x²", "x²", "invalid character '²' (U+00B2), at character 2"),
        ("x; y", "x; y", "at character 2"),
        ("sin x", "sin x", "sin is called with brackets, as in sin(x)"),
        ("1 + cos 2*x", "1 + cos 2*x", "cos is called with brackets, as in cos(2)"),
        ("max(sin x, y)", "max(sin x, y)", "sin is called with brackets, as in sin(x)"),
        ("x y", "x y", "an operator is missing between x and y (to multiply, write *)"),
        ("x 2", "x 2", "an operator is missing between x and 2 (to multiply, write *)"),
        ("|x|", "|x|", "an absolute value is written abs(x)"),
        ("2*|x - 1|", "2*|x - 1|", "an absolute value is written abs(x)"),
        ("x!", "x!", "x! is written exp(lgamma(x + 1))"),
        ("(x + 1)! / 2", "(x + 1)! / 2", "x! is written exp(lgamma(x + 1))"),
        ("import os", "import os", "at character 1"),
        ("x\0", "x\0", "there is a character in it that is not text"),
        ("x + \udcff", "x + \udcff", "there is a character in it that is not text"),
        ("9" * 5000, "9" * 47 + "...", "a number in it has too many digits"),
    ],
)
def test_everything_else_is_refused_with_the_part_and_the_mend(text, part, mend):
    with pytest.raises(ExpressionError) as caught:
        parse(text)
    message = str(caught.value)
    assert message.startswith(f"{part!r} is not understood: ")
    assert mend in message


@pytest.mark.parametrize("text", ["ln(x)", "ln (x)", "  ln(  x )"])
def test_ln_is_log_and_is_written_so(text):
    x = Value(2.0, label="x")
    assert parse(text)(2.0) == autograd.log(2.0)
    assert str(parse(f"1 + {text} * ln").text).startswith("1 + log")
    assert parse(f"1 + {text} * ln").names == ("x", "ln")  # a name is a name still
    assert parse(text)(x).op == autograd.log(x).op


@pytest.mark.parametrize("text", ["1e999", "9" * 400, "0x" + "f" * 9000, "2 * 1e309"])
def test_a_number_too_large_for_a_float_is_refused(text):
    with pytest.raises(ExpressionError, match="is too large for a number"):
        parse(text)


@pytest.mark.parametrize("text", ["", "   ", "\n\t\n"])
def test_an_empty_expression_is_refused(text):
    with pytest.raises(ExpressionError, match=r"^the expression is empty"):
        parse(text)


@pytest.mark.parametrize("name", ["sin", "dot"])
def test_a_function_that_is_not_called_is_refused(name):
    with pytest.raises(ExpressionError, match=rf"^{name} is a function: call it, as in {name}\("):
        parse(f"{name} + 1")


def test_the_first_of_two_mistakes_is_reported():
    with pytest.raises(ExpressionError, match=r"^'a\.b' "):
        parse("a.b + c.d")
