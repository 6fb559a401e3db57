"""The vendors' APIs on loopback, over one synthetic population whose truth is known.

Belongs here: everything that stands in for a vendor in the demo, the tests and the benchmarks.
Does not belong here: anything a connector or a model needs to work against the real vendor.
"""
