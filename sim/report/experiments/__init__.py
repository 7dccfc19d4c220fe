"""Sweeps and searches as tables, figures and words."""
