"""The documented scenarios: each file is a cited claim about the source document."""
