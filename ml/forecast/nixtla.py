"""Candidates from statsforecast: the only file that knows the library.

numba compiles their inner loops on first use (21 s for CES). `keep_compiled` keeps the machine
code between processes (2 s); it must run before statsforecast is imported, because the library
decides while importing.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from ml.forecast.candidate import Array, History

_LEVELS: Final = [80, 95]
_COLUMNS: Final = ("lo-95", "lo-80", "mean", "hi-80", "hi-95")


def keep_compiled(folder: Path) -> None:
    """Make numba keep statsforecast's machine code in `folder` for the next process."""
    folder.mkdir(parents=True, exist_ok=True)
    os.environ["NIXTLA_NUMBA_CACHE"] = "1"
    os.environ["NUMBA_CACHE_DIR"] = str(folder.resolve())


@dataclass(frozen=True, slots=True)
class Nixtla:
    """One statsforecast model at its defaults, with its own prediction intervals."""

    name: str
    rank: int

    def quantiles(self, history: History, horizon: int) -> Array:
        from statsforecast import models  # 3 s of imports: only where a forecast is made

        model: Any = getattr(models, self.name)(season_length=history.season_length)
        found = model.forecast(y=history.values, h=horizon, level=_LEVELS)
        return np.stack([np.asarray(found[column]) for column in _COLUMNS], axis=1).astype(
            np.float64
        )


SEASONAL_NAIVE: Final = Nixtla("SeasonalNaive", 0)
THETA: Final = Nixtla("DynamicOptimizedTheta", 1)
ETS: Final = Nixtla("AutoETS", 2)
CES: Final = Nixtla("AutoCES", 3)
