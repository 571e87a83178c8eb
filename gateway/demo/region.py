"""The three regions of the demonstration: each a gateway with its own store and keys, and a system of its own."""

from dataclasses import dataclass
from typing import Final

from gateway.demo.case import Layout
from gateway.demo.layouts.guangdong import GuangdongLayout
from gateway.demo.layouts.national import NationalLayout
from gateway.demo.layouts.shandong import ShandongLayout


@dataclass(frozen=True, kw_only=True, slots=True)
class Region:
    """A region that takes part."""

    name: str
    name_zh: str
    province: str
    division: str  # 12 digits
    layout: Layout

    @property
    def gateway_id(self) -> str:
        """The partner id of its gateway."""
        return f"gateway.{self.name}"

    @property
    def system_id(self) -> str:
        """The partner id of its system."""
        return f"system.{self.name}"


REGIONS: Final = (
    Region(name="shiyan", name_zh="十堰", province="湖北", division="420300000000", layout=NationalLayout()),
    Region(name="ankang", name_zh="安康", province="陕西", division="610900000000", layout=ShandongLayout()),
    Region(name="jiuquan", name_zh="酒泉", province="甘肃", division="620900000000", layout=GuangdongLayout()),
)
