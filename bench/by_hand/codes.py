"""The code tables of the layout, both ways."""

import tomllib
from pathlib import Path

LAYOUT = Path(__file__).parent.parent / "layout"


def _codes(name: str) -> dict[str, str]:
    values = tomllib.loads((LAYOUT / "codes" / f"{name}.toml").read_text())["values"]
    return {value["regional"]: value["canonical"] for value in values}


MODE, APPLICANT, ID, CHECK, APPLY = map(_codes, ("mode", "applicant-type", "id-type", "check", "apply-type"))
PROJECT, CHANNEL, MATERIAL, NECESSITY = map(_codes, ("project-type", "channel", "material-type", "necessity"))
DELIVERY = _codes("delivery")
BACK = {
    id(table): {canonical: regional for regional, canonical in table.items()}
    for table in (MODE, APPLICANT, ID, CHECK, APPLY, PROJECT, CHANNEL, MATERIAL, NECESSITY, DELIVERY)
}
MODE_BACK, APPLICANT_BACK, ID_BACK, CHECK_BACK = (BACK[id(table)] for table in (MODE, APPLICANT, ID, CHECK))
APPLY_BACK, PROJECT_BACK, CHANNEL_BACK = (BACK[id(table)] for table in (APPLY, PROJECT, CHANNEL))
MATERIAL_BACK, NECESSITY_BACK, DELIVERY_BACK = (BACK[id(table)] for table in (MATERIAL, NECESSITY, DELIVERY))
YES = {"1": True, "0": False}
