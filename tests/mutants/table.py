"""All mutants of both worlds."""

from tests.mutants import model, reference

MUTANTS = (*model.MUTANTS, *reference.MUTANTS)
