"""Pieces of pages: what is packed is what isn't, and nothing of the data gets out of its place."""

from __future__ import annotations

import base64
import json
import re
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd.show.page import document


def _data(piece):
    return json.loads(re.search(r"^const data = (.*);$", piece, re.MULTILINE)[1])


@given(st.text())
def test_any_text_arrives_in_the_script_and_nowhere_else(text):
    piece = document.fragment("play", {"text": text}, "<p></p>", [])
    assert _data(piece)["text"] == text
    assert piece.count("<script>") == piece.count("</script>") == 1
    assert "<!--" not in piece


def test_a_packed_script_is_the_same_and_half_as_long_at_most():
    open_, packed = (document.fragment("play", {"a": "é∂<"}, "<p></p>", [], packed=packed) for packed in (False, True))
    code = zlib.decompress(base64.b64decode(re.search(r'atob\("([^"]*)"', packed)[1])).decode()
    assert f"<script>{code}</script>" in open_
    assert len(packed) < 0.55 * len(open_)


@pytest.mark.parametrize("title", ["a < b", '"&', "é"])
def test_a_page_has_its_title_and_a_frame_its_page(title):
    page = document.document(title, "<p></p>", "de")
    assert '<html lang="de"' in page
    frame = document.framed(title, page, 300)
    assert len(re.findall("<", frame)) == 2
    assert "height: 300px" in frame
