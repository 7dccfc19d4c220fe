"""Gates: what must stay true of a measure, judged; and baselines, which tell what moved (docs/gates.md)."""
