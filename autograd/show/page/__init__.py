"""Pieces of pages that play without a network and without Python: how one is put together, and what its scripts share."""
