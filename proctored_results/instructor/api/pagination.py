"""Pagination that takes the same time however long the list is."""

from typing import Any

from django.core.paginator import EmptyPage, Page, PageNotAnInteger, Paginator
from django.utils.functional import cached_property
from rest_framework.pagination import PageNumberPagination

#: How many items of a list are counted at most, and the largest offset of a page.
MAX_COUNT, MAX_OFFSET = 1_000, 1_000_000_000


class CappedPaginator(Paginator):
    """A paginator that counts at most `MAX_COUNT` items. A page reads one item more to know whether more follow."""

    @cached_property
    def count(self) -> int:
        """The number of items, or `MAX_COUNT` if there are more."""
        items = self.object_list
        return len((items if isinstance(items, list) else items.values_list("pk"))[:MAX_COUNT])

    def validate_number(self, number: Any) -> int:
        """Return the number as an integer, if a page can have it. Raises PageNotAnInteger and EmptyPage."""
        try:
            number = int(number)
        except (TypeError, ValueError):
            raise PageNotAnInteger("That page number is not an integer") from None
        if not 0 < number <= MAX_OFFSET // self.per_page:
            raise EmptyPage("That page contains no results")
        return number

    def page(self, number: Any) -> "CappedPage":
        """Return a page. Raises PageNotAnInteger and EmptyPage."""
        number = self.validate_number(number)
        start = (number - 1) * self.per_page
        found = list(self.object_list[start : start + self.per_page + 1])
        if not found and number > 1:
            raise EmptyPage("That page contains no results")
        return CappedPage(found[: self.per_page], number, self, more=len(found) > self.per_page)


class CappedPage(Page):
    """A page that knows without the count whether another page follows."""

    def __init__(self, items: list[Any], number: int, paginator: Paginator, *, more: bool) -> None:
        super().__init__(items, number, paginator)
        self._more = more

    def has_next(self) -> bool:
        """Return whether another page follows."""
        return self._more

    def next_page_number(self) -> int:
        """Return the number of the next page. Call it only if `has_next`."""
        return self.number + 1


class Pages(PageNumberPagination):
    """Pages of 20 items, or of the requested size up to 100."""

    django_paginator_class = CappedPaginator
    page_size = 20
    page_size_query_param = "page_size"
    max_page_size = 100

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """Add which keys a page always has. Django REST Framework itself does so only from version 3.15."""
        described = super().get_paginated_response_schema(schema)
        return {"type": described["type"], "required": ["count", "results"], **described}
