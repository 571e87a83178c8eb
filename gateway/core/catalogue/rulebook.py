"""All rules of the linter, by id."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from gateway.core.catalogue.guangdong import CORE, EXTENDED
from gateway.core.catalogue.linting import Rule
from gateway.core.catalogue.wenzhou import WENZHOU

RULES: Final[Mapping[str, Rule]] = MappingProxyType({rule.id: rule for rule in (*WENZHOU, *CORE, *EXTENDED)})
