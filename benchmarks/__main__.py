"""`python -m benchmarks [name …]`: run the benchmarks, all by default, and print their tables."""

from __future__ import annotations

import argparse
import importlib
import pkgutil

import benchmarks


def main() -> None:
    """Run what was asked for, one after the other."""
    names = [
        module.name
        for module in pkgutil.iter_modules(benchmarks.__path__)
        if module.name not in ("__main__", "measure")
    ]
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=f"of {', '.join(names)}")
    asked = parser.parse_args().names or names
    if unknown := set(asked) - set(names):
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}")
    for name in asked:
        path = importlib.import_module(f"benchmarks.{name}").main()
        print(f"{name}: as JSON in {path}\n", flush=True)


if __name__ == "__main__":
    main()
