"""Measures: what a trace amounts to, as numbers (DESIGN.md section 7)."""
