"""Speed and memory, each against a peer or a floor, as a ratio within one run.

One module is one benchmark. No threshold is enforced here: targets are printed beside what was
measured, and a person judges.
"""
