"""The vendors' APIs on loopback, over one synthetic population whose truth is known.

Belongs here: everything that stands in for a vendor in the demo, the tests and the benchmarks.
Does not belong here: anything a connector or a model needs to work against the real vendor.
"""

from sandbox.embedded import Running, build_world, environment, running
from sandbox.world import Parameters, World

__all__ = ["Parameters", "Running", "World", "build_world", "environment", "running"]
