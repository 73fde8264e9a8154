"""Sets of moments as few closed intervals."""

Span = tuple[int, int]
"""First and last moment, both included."""


class Spans:
    """A union of intervals that only grows."""

    def __init__(self) -> None:
        self._known: list[Span] = []

    def covers(self, span: Span) -> bool:
        """Whether all of a span is known."""
        return any(start <= span[0] and span[1] <= end for start, end in self._known)

    def add(self, span: Span) -> Span | None:
        """Takes a span in; the united interval it now lies in, or None if it was known."""
        if self.covers(span):
            return None
        start, end = span
        apart = []
        for one in self._known:
            if one[1] < start or end < one[0]:
                apart.append(one)
            else:
                start, end = min(start, one[0]), max(end, one[1])
        self._known = [*apart, (start, end)]
        return start, end
