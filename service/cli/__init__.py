"""The command `keepwarm`: the same store and the same rules as the pages, with or without the server running.

Reading order: `session` (whose store, how to say it), `shapes` (the stable JSON forms), `people`, `calm` (how much is
said, and one word about somebody), `me`, `plan`, `ways`, `write`, `rounds`, `talks`, `promises` (and what is put
right), `questions`, `files`, `connect`, `coming`, `data` (take along, erase), `house` (run, check, sweep), `users`,
`checks`. Entry point: `main`.

Exit status: 0 done, 1 a problem (one line on stderr: what happened, what was kept, what to do), 2 wrong usage.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from keepwarm.errors import KeepwarmError
from keepwarm.foreign import shown
from keepwarm.texts import mark
from service.cli.session import Problem, report_unexpected, spoken

KEPT_ON_STOP = mark("Stopped. What was done so far is kept; run the same command again to go on.")


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("--user", metavar="EMAIL", default=None, help="Whose network, where there are several users.")
@click.pass_context
def keepwarm(context: click.Context, user: str | None) -> None:
    """Keep your network warm, from the mail, calendar and address book that you have."""
    context.obj = user


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command and exit; no traceback ever reaches a person."""
    sys.exit(_status(arguments))


def _add_commands() -> None:
    from service.cli import (
        calm,
        coming,
        connect,
        data,
        files,
        house,
        me,
        people,
        plan,
        promises,
        questions,
        rounds,
        talks,
        users,
        ways,
        write,
    )  # fmt: skip

    rooms = (
        connect,
        files,
        people,
        calm,
        me,
        plan,
        ways,
        write,
        rounds,
        talks,
        promises,
        questions,
        coming,
        data,
        house,
        users,
    )
    for room in rooms:
        for each in room.COMMANDS:
            keepwarm.add_command(each)


def _status(arguments: Sequence[str] | None) -> int:
    try:
        _add_commands()  # reads the settings on the way, and they may be wrong
        found = keepwarm.main(args=arguments, prog_name="keepwarm", standalone_mode=False)
    except click.ClickException as wrong:
        wrong.show()
        return wrong.exit_code
    except (click.Abort, KeyboardInterrupt):
        return _problem(spoken(KEPT_ON_STOP))
    except BrokenPipeError:  # `keepwarm contacts | head`: nobody listens any more
        sys.stderr.close()
        return 1
    except (Problem, KeepwarmError) as problem:
        return _problem(spoken(str(problem)))
    except Exception as unexpected:  # noqa: BLE001 - the outer edge: a person gets one line, the log the rest
        return _problem(report_unexpected(unexpected))
    return found if isinstance(found, int) else 0


def _problem(line: str) -> int:
    click.echo(" ".join(shown(line).split()), err=True)
    return 1
