"""Typed errors: all that means bad input is an InputError, which the command line turns into exit status 2."""

import pytest

from sim.contract.errors import CannotPerform, InputError, ScenarioError, ServiceError, TraceError


@pytest.mark.parametrize("error", [ScenarioError, TraceError, CannotPerform, ServiceError])
def test_every_error_of_the_contract_is_an_input_error_and_a_value_error(error: type[Exception]) -> None:
    assert issubclass(error, InputError)
    assert issubclass(error, ValueError)
