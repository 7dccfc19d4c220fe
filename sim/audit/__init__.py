"""The document under audit: each of its statements with evidence, a verdict, and the numbers behind both."""

from sim.audit.run import Audit, audit

__all__ = ["Audit", "audit"]
