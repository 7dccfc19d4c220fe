"""All mutants of all worlds."""

from tests.mutants import fleet, fleet_client, fleet_kernel, fleet_sums, model, reference

MUTANTS = (
    *model.MUTANTS,
    *reference.MUTANTS,
    *fleet.MUTANTS,
    *fleet_client.MUTANTS,
    *fleet_kernel.MUTANTS,
    *fleet_sums.MUTANTS,
)
