"""The simulated authorities have codes that the gateway's own rules call sound."""

import pytest

from gateway.core.catalogue import identifiers
from gateway.demo.layouts.codes import authority_code, implementation_code, item_name

_REGIONS = ("420300000000", "610900000000", "370000000000", "440100000000", "511602000000", "110101001000")


@pytest.mark.parametrize("region", _REGIONS)
def test_every_authority_has_a_sound_credit_code_of_its_region(region):
    code = authority_code(region)

    assert identifiers.credit_code(code).sound
    assert code[2:8] == region[:6]


@pytest.mark.parametrize("region", _REGIONS)
@pytest.mark.parametrize("number", [0, 1, 35, 36, 99_999])
def test_every_item_has_a_sound_implementation_code_under_its_authority(region, number):
    code = implementation_code(region, number)

    assert identifiers.implementation_code(code).sound
    assert code.startswith(authority_code(region))


def test_codes_depend_on_nothing_but_region_and_number():
    first = {implementation_code(region, number) for region in _REGIONS for number in range(100)}
    again = {implementation_code(region, number) for region in _REGIONS for number in range(100)}

    assert first == again
    assert len(first) == 600


@pytest.mark.parametrize(("region", "level"), list(zip(_REGIONS, "332345", strict=True)))
def test_the_level_follows_from_the_division(region, level):
    assert implementation_code(region, 0)[18] == level


def test_names_never_repeat():
    assert len({item_name(number) for number in range(500)}) == 500
    assert item_name(0) == "异地就医登记备案"


@pytest.mark.parametrize("region", ["420300", "4203000000xx", ""])
def test_a_division_of_another_form_is_refused(region):
    with pytest.raises(ValueError, match="12 digits"):
        authority_code(region)


@pytest.mark.parametrize("number", [-1, 100_000])
def test_a_number_beyond_five_digits_is_refused(number):
    with pytest.raises(ValueError, match="five digits"):
        implementation_code("420300000000", number)
