from tests.cli.conftest import fanout_sim

__all__ = ["fanout_sim"]
