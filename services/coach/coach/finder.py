"""Finds something to read or practise with: from the web where a key is there, from the curated list otherwise."""

from __future__ import annotations

from contracts.vocabulary.report import Resource

from coach.engines import Finder, ReportMaterial
from coach.resources import library, recommend
from coach.search import Hit, Serper
from coach.statistics import statistics_of

MOST = 6
FROM_THE_WEB = 2
"""Pages from the web for each weak field."""


class Curated:
    """Needs no network."""

    async def find(self, material: ReportMaterial) -> tuple[Resource, ...]:
        return recommend(statistics_of(material.turns), material.config)


class Searching:
    """What the search finds comes before what is on the list."""

    def __init__(self, search: Serper, curated: Finder) -> None:
        self._search = search
        self._curated = curated

    async def find(self, material: ReportMaterial) -> tuple[Resource, ...]:
        curated = await self._curated.find(material)
        found: dict[str, Resource] = {}
        for domain, mean in list(statistics_of(material.turns).domains.items())[:2]:
            title = library().domains[domain].title if domain in library().domains else domain.replace("_", " ")
            hits = await self._search.search(f"{title} interview preparation {material.config.job_role}")
            for hit in hits[:FROM_THE_WEB]:
                found.setdefault(hit.url, _resource(hit, title, mean))
        for each in curated:
            found.setdefault(each.url, each)
        return tuple(found.values())[:MOST]


def _resource(hit: Hit, title: str, mean: float) -> Resource:
    return Resource(
        title=hit.title,
        url=hit.url,
        description=hit.description,
        resource_type="web page",
        reasoning=f"Your answers on {title} averaged {round(mean * 100)} of 100; this page was found for it just now.",
    )
