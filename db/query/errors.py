"""What is wrong with a query, and where."""

from __future__ import annotations

from engine.errors import LayerlabError
from engine.messages import Message


class QueryError(LayerlabError):
    """A query is not understood: `problem` says what was expected, `start` and `end` where."""

    def __init__(self, problem: Message, query: str, start: int, end: int) -> None:
        self.problem, self.query = problem, query
        self.start, self.end = start, max(end, start + 1)
        placed = Message("{problem} (character {place} of the query)", problem=problem)
        super().__init__(placed.filled(place=start + 1))

    @property
    def pointer(self) -> str:
        """The query, and below it marks under the place that is meant."""
        line_start = self.query.rfind("\n", 0, self.start) + 1
        line = self.query[line_start:].split("\n", 1)[0]
        marks = min(self.end - self.start, max(1, len(line) - (self.start - line_start)))
        return f"{line}\n{' ' * (self.start - line_start)}{'^' * marks}"
