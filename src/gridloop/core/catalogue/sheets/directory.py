"""What a file calls units and regions, and what they are in the database."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from gridloop.core.catalogue.sheets.rows import UnitRef
from gridloop.core.org.models import Region, Unit


class Ambiguous(Exception):
    """Several units bear this name."""


@dataclass(frozen=True, slots=True)
class Directory:
    """
    Units by name and by code, regions by code.

    `aliases` are other names of a unit, for files that were written for towns in general.
    """

    units: Mapping[str, tuple[int, ...]]  # name or code → keys
    names: Mapping[
        int, str
    ]  # key → what an export calls it: the name, or the code where the name is not unique
    region_ids: Mapping[str, int]
    aliases: Mapping[str, tuple[str, ...]]

    def unit(self, name: str) -> UnitRef:
        """
        Return the unit of this name, code or alias; one without a key where there is none.

        :raises Ambiguous: several units bear the name.
        """
        for candidate in (name, *self.aliases.get(name, ())):
            if found := self.units.get(candidate, ()):
                if len(found) > 1:
                    raise Ambiguous
                return UnitRef(self.names[found[0]], found[0])
        return UnitRef(name, None)


def load_directory(aliases: Mapping[str, tuple[str, ...]] | None = None) -> Directory:
    """Read the units and regions in use."""
    units: defaultdict[str, list[int]] = defaultdict(list)
    rows = list(Unit.objects.active().values_list("id", "name", "code"))
    for pk, name, code in rows:
        for text in {name, code}:
            units[text].append(pk)
    return Directory(
        {text: tuple(keys) for text, keys in units.items()},
        {pk: name if len(units[name]) == 1 else code for pk, name, code in rows},
        dict(Region.objects.values_list("code", "id")),
        aliases or {},
    )
