"""Pages of lists that take the same however long the list is."""

from typing import Any

from django.core.paginator import EmptyPage, Page, PageNotAnInteger, Paginator
from django.utils.functional import cached_property
from rest_framework.pagination import PageNumberPagination

#: How far the items of a list are counted, and how far behind its first one a page can begin.
COUNTED, FARTHEST = 1_000, 1_000_000_000


class OpenPaginator(Paginator):
    """A paginator that counts no further than `COUNTED`; that more follow, a page knows from one item beyond it."""

    @cached_property
    def count(self) -> int:
        """The number of items, or `COUNTED` if there are more."""
        items = self.object_list
        return len((items if isinstance(items, list) else items.values_list("pk"))[:COUNTED])

    def validate_number(self, number: Any) -> int:
        """Return the number of a page that could be there. Raises PageNotAnInteger and EmptyPage."""
        try:
            number = int(number)
        except (TypeError, ValueError):
            raise PageNotAnInteger("That page number is not an integer") from None
        if not 0 < number <= FARTHEST // self.per_page:
            raise EmptyPage("That page contains no results")
        return number

    def page(self, number: Any) -> "OpenPage":
        """Return a page. Raises PageNotAnInteger and EmptyPage."""
        number = self.validate_number(number)
        start = (number - 1) * self.per_page
        found = list(self.object_list[start : start + self.per_page + 1])
        if not found and number > 1:
            raise EmptyPage("That page contains no results")
        return OpenPage(found[: self.per_page], number, self, more=len(found) > self.per_page)


class OpenPage(Page):
    """A page that knows by itself whether more items follow."""

    def __init__(self, items: list[Any], number: int, paginator: Paginator, *, more: bool) -> None:
        super().__init__(items, number, paginator)
        self._more = more

    def has_next(self) -> bool:
        """Tell whether another page follows."""
        return self._more

    def next_page_number(self) -> int:
        """Return the number of the next page, which is there."""
        return self.number + 1


class Pages(PageNumberPagination):
    """Pages of twenty, or of the size asked for, up to a hundred."""

    django_paginator_class = OpenPaginator
    page_size = 20
    page_size_query_param = "page_size"
    max_page_size = 100

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Say which keys a page always has: the framework's own description does so from 3.15 on only."""
        described = super().get_paginated_response_schema(schema)
        return {"type": described["type"], "required": ["count", "results"], **described}
