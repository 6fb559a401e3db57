"""The suites, one module per vendor, found by the module's name.

A module holds SUITES, one StreamSuite per stream of the vendor, and nothing else. They are read
through `data_quality.suite.suites()`.
"""
