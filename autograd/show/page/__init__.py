"""Pieces of pages that play without a network and without Python: how one is made, and what scripts share."""
