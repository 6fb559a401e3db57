"""The command line: `python -m orchestration nightly|doctor|ui|rollback`.

Here belongs what a person types; the modules it calls are imported late, as some take seconds.
"""

from __future__ import annotations

import argparse
import sys


def main(arguments: list[str] | None = None) -> int:
    """Run a command.

    Returns:
        The exit status.
    """
    parser = argparse.ArgumentParser(prog="python -m orchestration")
    commands = parser.add_subparsers(dest="command", required=True)
    nightly = commands.add_parser("nightly", help="run a night and publish it")
    nightly.add_argument("--date", help="YYYY-MM-DD (default: the last complete day)")
    commands.add_parser("doctor", help="ask each vendor one question and say what is wrong")
    ui = commands.add_parser("ui", help="serve Dagster on this warehouse")
    ui.add_argument("--port", type=int, default=3000)
    commands.add_parser("rollback", help="put the previous published warehouse back")
    chosen = parser.parse_args(arguments)
    if chosen.command == "rollback":
        return _rollback()
    if chosen.command == "doctor":
        from orchestration import health

        return health.run()
    if chosen.command == "ui":
        from orchestration import ui as serving

        return serving.serve(chosen.port)
    from orchestration import nightly as running

    return running.run(chosen.date)


def _rollback() -> int:
    from connectors.settings import SettingError, load_env_file
    from orchestration import environment, locks, publish

    try:
        load_env_file()
        folder = environment.published_folder()
        before = publish.current(folder)
        version = publish.roll_back(folder)
    except (publish.PublishError, locks.BusyError, SettingError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{folder / publish.CURRENT} is the warehouse of night {version.night} again")
    print(f"  now     {version.path.name}")
    if before is not None:
        print(f"  before  {before.path.name} (goes with the next publish)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
