"""Prophet as one candidate among others, untuned: the only file that imports it."""

import logging
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from ml.forecast.candidate import CENTRE, QUANTILES, Array, History

_SAMPLES: Final = 500
_SEED: Final = 360


@dataclass(frozen=True, slots=True)
class Prophet:
    """Prophet at its defaults; quantiles from its predictive samples, seeded."""

    name: str = "Prophet"
    rank: int = 4

    def quantiles(self, history: History, horizon: int) -> Array:
        model = _fit(history)
        future = _frame(history, len(history.values), horizon)
        centre = model.predict(future)["yhat"].to_numpy()
        samples = model.predictive_samples(future)["yhat"]
        found: Array = np.quantile(samples, QUANTILES, axis=1).T
        found[:, CENTRE] = centre
        return found


def _fit(history: History) -> Any:
    logging.getLogger("prophet.plot").disabled = True  # it reports that plotly is not installed
    import prophet  # 2 s of imports: only where this candidate is tried

    # Prophet samples from numpy's global generator; the same past must give the same forecast.
    np.random.seed(_SEED)
    model = prophet.Prophet(uncertainty_samples=_SAMPLES)
    for chatty in ("prophet", "cmdstanpy"):  # cmdstanpy sets its own level when it is loaded
        logging.getLogger(chatty).setLevel(logging.WARNING)
    frame = _frame(history, 0, len(history.values))
    return model.fit(frame.assign(y=history.values), seed=_SEED)


def _frame(history: History, start: int, count: int) -> Any:
    import pandas as pd

    periods = [history.period(start + step) for step in range(count)]
    return pd.DataFrame({"ds": pd.to_datetime(periods)})
