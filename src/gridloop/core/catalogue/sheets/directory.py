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

    `names` is what an export calls each unit: its name, or its code where others bear the name as well.
    `aliases` are other names of a unit, for files that were written for towns in general. Under these names a
    unit is also known by how its own ends: 派出所 is 云溪镇派出所, as long as there is one such.
    """

    units: Mapping[str, tuple[int, ...]]
    names: Mapping[int, str]
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
        return self._by_ending(name) or UnitRef(name, None)

    def _by_ending(self, name: str) -> UnitRef | None:
        if name not in self.aliases:
            return None
        endings = (name, *self.aliases[name])
        found = {keys for text, keys in self.units.items() if text.endswith(endings)}
        if len(found) != 1:
            return None
        (keys,) = found
        return UnitRef(self.names[keys[0]], keys[0]) if len(keys) == 1 else None


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
