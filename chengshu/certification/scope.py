"""Whose rows somebody may see: pure. Regions from posts in counties, towns and villages; departments from theirs."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Scope:
    """What somebody's posts open; nothing by default.

    Attributes:
        is_everybody: the whole city: posts in the bureau, or of the city itself.
        regions: region codes; people in them and below.
        departments: names; people whom they pay a benefit that needs survival.
    """

    is_everybody: bool = False
    regions: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nobody is in it."""
        return not (self.is_everybody or self.regions or self.departments)

    def mask(self, departments: list[str]) -> int:
        """The bits of its departments, by a run's list; a department is known with and without the city's 市."""
        own = {name.removeprefix("市") for name in self.departments}
        return sum(1 << number for number, name in enumerate(departments) if name.removeprefix("市") in own)

    def holds(self, region_code: str, departments: int, names: list[str]) -> bool:
        """Whether somebody of this region, paid by these departments, is in it.

        >>> Scope(regions=("379001",)).holds("379001008026", 0, [])
        True
        >>> Scope(departments=("民政局",)).holds("379002", 0b10, ["市医保局", "市民政局"])
        True
        >>> Scope().holds("379001", 1, ["市民政局"])
        False
        """
        in_region = any(region_code.startswith(region) for region in self.regions)
        return self.is_everybody or in_region or bool(self.mask(names) & departments)
