"""One forecast in a process of its own: `python -m ml.worker`, a job on stdin, a result on stdout.

The numerical libraries take seconds to import and hold the interpreter for as long as they
compute; a service that waits for a process stays light, stays responsive and can stop it.
"""

import asyncio
import contextlib
import os
import sys
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from core.errors import Malformed, Operator, Retryable
from ml.budget import Budget
from ml.data import Frequency, Observed, Series
from ml.data.series import build
from ml.document import Forecast, Whole

_ROOT: Final = Path(__file__).resolve().parent.parent
_NICENESS: Final = 5  # a forecast is never as urgent as the services beside it
_STDERR_TAIL: Final = 2_000


class Job(BaseModel):
    """A series and how much effort to spend on it."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: str
    unit: str
    frequency: Frequency
    source: str
    points: tuple[Observed, ...]
    horizon: Annotated[Whole, Field(gt=0)]
    origins: Annotated[Whole, Field(gt=0)]
    stride: Annotated[Whole, Field(gt=0)]
    compiled: Path
    """Where numba's machine code is kept."""

    def series(self) -> Series:
        return build(self.name, self.unit, self.frequency, self.source, self.points)


class Done(BaseModel):
    kind: Literal["done"] = "done"
    forecast: Forecast
    seconds: dict[str, float]
    """Time each candidate's backtest took."""


class Refused(BaseModel):
    kind: Literal["refused"] = "refused"
    message: str
    hint: str


_RESULT: Final[TypeAdapter[Done | Refused]] = TypeAdapter(
    Annotated[Done | Refused, Field(discriminator="kind")]
)


async def work(job: Job, timeout_s: float) -> Done:
    """Run `job` in a worker process and wait for it; cancelling stops the process.

    Raises:
        Malformed: the series cannot be forecast.
        Operator: the worker failed; the message ends with its last words.
        Retryable: not done within `timeout_s`.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "ml.worker"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=_ROOT,
    )
    try:
        async with asyncio.timeout(timeout_s):
            out, err = await process.communicate(job.model_dump_json().encode())
    except TimeoutError as error:
        raise Retryable(f"no forecast of {job.name!r} within {timeout_s:g} s") from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return _result(out, err, process.returncode)


def _result(out: bytes, err: bytes, returncode: int | None) -> Done:
    try:
        result = _RESULT.validate_json(out)
    except ValidationError as error:
        tail = err.decode(errors="replace")[-_STDERR_TAIL:].strip()
        raise Operator(f"the forecast worker ended with {returncode}: {tail}") from error
    if isinstance(result, Refused):
        raise Malformed(result.message, hint=result.hint)
    return result


def perform(job: Job) -> Done | Refused:
    """Do the job here: the body of the worker process."""
    from ml.forecast.nixtla import keep_compiled
    from ml.make import make

    keep_compiled(job.compiled)
    try:
        forecast, choice = make(job.series(), job.horizon, Budget(job.origins, job.stride))
    except Malformed as error:
        return Refused(message=error.message, hint=error.hint)
    seconds = {trial.candidate.name: round(trial.seconds, 2) for trial in choice.trials}
    return Done(forecast=forecast, seconds=seconds)


def main() -> None:
    """Read a job, write its result; a library's chatter on stdout must not mix with it."""
    os.nice(_NICENESS)
    with contextlib.redirect_stdout(sys.stderr):
        result = perform(Job.model_validate_json(sys.stdin.buffer.read()))
    sys.stdout.write(result.model_dump_json())


if __name__ == "__main__":
    main()
