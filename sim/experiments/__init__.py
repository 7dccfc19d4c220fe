"""Experiments: grids of scenarios performed again and again, and the search for the best of them."""
