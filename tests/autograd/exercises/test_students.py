"""The students of a class, as spreadsheets write them, and names for their files."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd.exercises.students import file_names, read


@pytest.mark.parametrize(
    "table",
    [
        "Ann\nBen Oh\n",
        "name\nAnn\nBen Oh\n",
        "ID;Name;Mail\n1;Ann;a@x\n2;Ben Oh;b@x\n",
        "\ufeffNumber,Student\r\n1,Ann\r\n\r\n2,Ben Oh\r\n",
        '"Ann"\t1\n"Ben Oh"\t2\n',
    ],
)
def test_the_names_are_found(table, tmp_path):
    file = tmp_path / "class.csv"
    file.write_bytes(table.encode())
    assert read(file) == ["Ann", "Ben Oh"]


def test_what_is_no_class_is_refused_in_a_sentence(tmp_path):
    file = tmp_path / "class.csv"
    unclosed, long = b'name\n"Ann\nBen\n', b"name\n" + b"x" * 200_000
    for content in (b"", b"\n\n", b"name\n", "Ännä".encode("latin-1"), unclosed, long):
        file.write_bytes(content)
        with pytest.raises(ValueError, match=r"class\.csv (has no students|is no text|is no table in CSV: )"):
            read(file)
    with pytest.raises(RuntimeError, match=r"cannot read .*none\.csv"):
        read(tmp_path / "none.csv")


@given(st.lists(st.text(max_size=8) | st.sampled_from(["a", "a-2", "A", "a 2"]), max_size=12))
def test_no_two_files_have_the_same_name(students):
    found = file_names(students)
    assert len(set(found)) == len(students)
    assert all(name.isascii() and name.replace("-", "").isalnum() and name == name.lower() for name in found)
