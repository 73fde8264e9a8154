"""Time series as exact integers on an unbroken calendar, and the files they come from."""

from ml.data.files import read_csv
from ml.data.series import Frequency, Observed, Series, series_id

__all__ = ["Frequency", "Observed", "Series", "read_csv", "series_id"]
