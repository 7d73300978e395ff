"""An archive's bytecode does what its sources did."""

from __future__ import annotations

import io
import py_compile
import zipfile

import pytest

from autograd.classroom.compiling import compiled


def archive(**files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as made:
        for name, text in files.items():
            made.writestr(f"{name.replace('__', '.')}", text)
    return buffer.getvalue()


def test_what_is_compiled_is_imported_without_its_source(tmp_path, monkeypatch):
    (tmp_path / "made.zip").write_bytes(compiled(archive(inside__py="seven = 7", inside__css="a {}")))
    assert zipfile.ZipFile(tmp_path / "made.zip").namelist() == ["inside.css", "inside.pyc"]
    monkeypatch.syspath_prepend(tmp_path / "made.zip")
    import inside

    assert inside.seven == 7
    assert inside.__file__.endswith("inside.pyc")


def test_the_same_sources_give_the_same_bytes():
    source = archive(a__py="x = frozenset(['p', 'q', 'r', 's'])", b__py="def f(): return 'p'")
    assert compiled(source) == compiled(source)


def test_a_mistake_in_a_source_is_told():
    with pytest.raises(py_compile.PyCompileError, match=r"a\.py"):
        compiled(archive(a__py="x ="))
