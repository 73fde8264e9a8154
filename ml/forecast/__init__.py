"""Forecasting methods behind one protocol, compared by rolling backtest, the best one kept."""
