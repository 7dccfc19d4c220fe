"""Closed forms, each with its derivation and its range of validity."""
