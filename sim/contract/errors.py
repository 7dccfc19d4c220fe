"""Typed errors for bad input. Each message is one sentence: what is wrong, where, and what would be right."""


class InputError(ValueError):
    """Input that cannot be used; the command line prints its sentence and ends with exit status 2."""


class ScenarioError(InputError):
    """A scenario (file, text or object) that breaks the rules of DESIGN.md section 5."""


class TraceError(InputError):
    """A trace (file or table) that breaks the format of DESIGN.md section 6."""


class CannotPerform(InputError):
    """A script that asks a world for something this world does not do."""


class ServiceError(InputError):
    """An outside service or resource that a run needs and cannot have: Redis, a port, file descriptors."""
