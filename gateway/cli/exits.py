"""How every command ends: one table of exit codes, and the group that turns errors into them.

| code | meaning |
|---|---|
| 0 | done |
| 1 | refused, or a check failed: something must be changed first; the reason and its code are on stderr |
| 2 | wrong usage: an unknown command or option, or a missing or malformed argument |
| 3 | temporary: the store or a partner did not answer; the same command may succeed later |
| 4 | corrupted: stored data contradicts itself; stop, and look before anything is written |
| 70 | a bug of this program, with its traceback on stderr (sysexits.h: EX_SOFTWARE) |
| 130 | interrupted by Ctrl-C (128 + SIGINT) |
"""

import errno
from enum import IntEnum
from typing import Any, Final, NoReturn

import click

from gateway.cli.telling import fault_lines, reason
from gateway.core.errors import CorruptedError, GatewayError, RejectedError, RetryableError

_JSON_ASKED: Final = "gateway.cli.json"
_FAULTS_TOLD: Final = 20


class Exit(IntEnum):
    """The exit codes of every command."""

    DONE = 0
    REFUSED = 1
    USAGE = 2
    TEMPORARY = 3
    CORRUPTED = 4
    BUG = 70
    INTERRUPTED = 130


def exit_of(error: GatewayError) -> Exit:
    """Return the exit code of an error's family."""
    if isinstance(error, RetryableError):
        return Exit.TEMPORARY
    return Exit.CORRUPTED if isinstance(error, CorruptedError) else Exit.REFUSED


def tell(error: GatewayError, *, as_json: bool) -> None:
    """Write why a command failed to stderr, with every fault: prose for people, one line of JSON if asked."""
    if as_json:
        click.echo(reason(error.code, error.faults, message=error), err=True)
        return
    click.echo(f"Error: {error} [{error.code}]", err=True)
    for line in fault_lines(error.faults, limit=_FAULTS_TOLD):
        click.echo(line, err=True)


class CommandGroup(click.Group):
    """A group whose commands, and whose groups' commands, end with the exit codes above."""

    group_class = type

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; a GatewayError, or a file that cannot be read or written, becomes an exit code."""
        try:
            return super().invoke(ctx)
        except GatewayError as error:
            _fail(ctx, error)
        except KeyboardInterrupt:
            ctx.exit(Exit.INTERRUPTED)
        except OSError as error:
            if error.errno == errno.EPIPE:  # whoever reads our output has enough
                raise
            _fail(ctx, _system_error(error))


def _fail(ctx: click.Context, error: GatewayError) -> NoReturn:
    tell(error, as_json=bool(ctx.meta.get(_JSON_ASKED)))
    ctx.exit(exit_of(error))


def _remember_json(ctx: click.Context, _: click.Parameter, value: bool) -> bool:  # noqa: FBT001 - click's signature
    ctx.meta[_JSON_ASKED] = value
    return value


as_json = click.option(
    "--json", "as_json", is_flag=True, callback=_remember_json, help="Print JSON for programs, failures on stderr too."
)


def _system_error(error: OSError) -> GatewayError:
    """Return what the operating system refused: a full disk may pass, a file that may not be read must be changed."""
    told = error.strerror or type(error).__name__
    message = f"{error.filename}: {told}" if isinstance(error.filename, str) else told
    if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EAGAIN, errno.EMFILE, errno.ENFILE}:
        return RetryableError(message, code="system_exhausted")
    return RejectedError(message, code="system_refused")
