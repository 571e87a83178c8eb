"""Where Fujian's columns and names do not mean what they seem to, and its columns for handling across provinces."""

import pytest

from gateway.core.errors import InvalidDocumentError
from gateway.core.model import DocumentKind
from gateway.resources import shipped_adapters, shipped_forms

ADAPTER = shipped_adapters()["fujian"]
FORM = shipped_forms()[DocumentKind.SERVICE_ITEM]
ITEM = {"serviceName": "失业登记", "addTypeName": "公共服务", "areaCode": "350100", "infoprojid": "17"}


def _item(materials=None, **columns):
    document = {"apasDirectory": ITEM | columns} | ({"materials": materials} if materials else {})
    return ADAPTER.canonical_of(DocumentKind.SERVICE_ITEM, document)


def _home(canonical):
    return ADAPTER.to_regional(DocumentKind.SERVICE_ITEM, canonical).document["apasDirectory"]


def _refusal(call, *arguments, **named):
    with pytest.raises(InvalidDocumentError) as caught:
        call(*arguments, **named)
    return {(fault.pointer.removeprefix("/apasDirectory"), fault.code) for fault in caught.value.faults}


def test_the_columns_for_handling_across_provinces_have_their_canonical_fields():
    columns = {
        "highFrequencyKstb": "Y",
        "kstbModel": "全程网办、异地代收代办",
        "kstbOutAreaname": "湖南省长沙市、陕西省安康市",
        "nearbyAreaName": "福建省内各设区市",
        "nearbyInstruction": "可到就近的跨省通办窗口提交",
        "agentFlag": "N",
    }

    canonical = _item(**columns).document

    assert canonical["crossRegion"] == {
        "frequent": True,
        "modes": ["online", "proxy"],
        "proxyRegionsNote": "湖南省长沙市、陕西省安康市",
        "nearbyAreas": "福建省内各设区市",
        "nearbyInstruction": "可到就近的跨省通办窗口提交",
        "fullAgency": False,
    }
    assert FORM.faults(canonical) == ()
    assert _home(canonical).items() >= columns.items()


@pytest.mark.parametrize(
    ("name", "modes"),
    [
        ("全程网办", ["online"]),
        ("异地代收代办", ["proxy"]),
        ("多地联办", ["joint"]),
        ("全程网办，多地联办", ["online", "joint"]),
    ],
)
def test_a_mode_is_known_by_its_name(name, modes):
    assert _item(kstbModel=name).document["crossRegion"] == {"modes": modes}


def test_an_explanation_in_the_place_of_a_mode_is_refused_and_has_a_place_of_its_own():
    words = "申请人可通过网上办事大厅提交申请"

    assert _refusal(_item, kstbModel=words) == {("/kstbModel", "code_unmapped")}
    assert _item(kstbModelExplain=words).document["crossRegion"] == {"modeNote": words}


@pytest.mark.parametrize(("digit", "service_object"), [("0", "1"), ("1", "2"), ("2", "3")])
def test_user_type_0_is_a_natural_person_and_1_is_not(digit, service_object):
    canonical = _item(userType=digit).document

    assert canonical["serviceObjects"] == [service_object]
    assert _home(canonical)["userType"] == digit


def test_a_user_type_beyond_the_list_is_refused():
    assert _refusal(_item, userType="0、6") == {("/userType", "code_unmapped")}


@pytest.mark.parametrize(("word", "project_type"), [("即办件", "1"), ("承诺件", "2")])
def test_servicetype_is_a_word(word, project_type):
    assert _item(servicetype=word).document["projectType"] == project_type


@pytest.mark.parametrize("digit", ["1", "2", "承诺"])
def test_a_digit_for_servicetype_is_refused_since_1_and_2_are_not_the_same_everywhere(digit):
    assert _refusal(_item, servicetype=digit) == {("/servicetype", "code_unmapped")}


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("20个工作日", {"days": 20, "unit": "working-day"}),
        ("２０ 个 工作日", {"days": 20, "unit": "working-day"}),
        ("即办", {"days": 0, "unit": "immediate"}),
        ("当场办结", {"days": 0, "unit": "immediate"}),
        ("24小时", {"days": 24, "unit": "hour"}),
        ("6个月", {"days": 6, "unit": "month"}),
    ],
)
def test_lawlimit_is_a_limit_in_words(text, limit):
    assert _item(lawlimit=text).document["statutoryLimit"] == limit


@pytest.mark.parametrize("text", ["20", "约20个工作日", "20个", "工作日", "二十个工作日"])
def test_a_lawlimit_without_number_or_unit_is_refused(text):
    assert _refusal(_item, lawlimit=text) == {("/lawlimit", "duration_unreadable")}


def test_days_without_a_kind_are_calendar_days_and_come_back_as_such():
    conversion = _item(lawlimit="30天")

    assert conversion.document["statutoryLimit"] == {"days": 30, "unit": "calendar-day"}
    assert conversion.losses == ("/apasDirectory/lawlimit",)
    assert _home(conversion.document)["lawlimit"] == "30个自然日"


@pytest.mark.parametrize(
    ("letter", "necessity"), [("Y", "required"), ("N", "optional"), ("R", "tolerated"), ("M", "exempt")]
)
def test_necessity_is_a_letter_and_no_digit(letter, necessity):
    (material,) = _item([{"materialName": "身份证", "necessityIf": letter}]).document["materials"]

    assert material["necessity"] == necessity
    assert _refusal(_item, [{"materialName": "身份证", "necessityIf": "1"}]) == {
        ("/materials/0/necessityIf", "code_unmapped")
    }


@pytest.mark.parametrize("written", [1767196800000, "1767196800000", "2026-01-01", "20260101", "2026年01月01日"])
def test_a_date_of_13_digits_is_milliseconds_in_beijing(written):
    canonical = _item(planEnableDate=written).document

    assert canonical["effectiveFrom"] == "2026-01-01"
    assert _home(canonical)["planEnableDate"] == "2026-01-01"


def test_degrees_are_joined_with_a_caret_and_other_names_with_a_comma_of_the_country():
    canonical = _item(webApplyDegreeName="互联网预审^互联网受理", finishGetTypeName="窗口领取、电子送达").document

    assert canonical["onlineDepth"] == ["pre-review", "acceptance"]
    assert canonical["deliveryMethods"] == ["window", "electronic"]
    assert _home(canonical)["webApplyDegreeName"] == "互联网预审^互联网受理"


def test_the_content_of_a_special_procedure_is_in_a_misspelt_column():
    special = {"sname": "现场核查", "sday": "5", "sdayUnit": "工作日", "sconent": "有疑问的", "sremark": "备注"}

    document = {"apasDirectory": ITEM, "specialList": [special]}
    canonical = ADAPTER.canonical_of(DocumentKind.SERVICE_ITEM, document).document

    assert canonical["specialProcedures"] == [
        {"name": "现场核查", "limit": {"days": 5, "unit": "working-day"}, "basis": "有疑问的", "remark": "备注"}
    ]


def test_markup_in_a_text_is_gone_and_its_line_breaks_are_kept():
    assert _item(acceptCondition="<p>年满16周岁<br/>失业</p>").document["conditions"] == "年满16周岁\n失业"


def test_what_no_source_explains_comes_home_as_it_was():
    material = {"materialName": "身份证", "parentUnid": "P1", "gettypeunids": "G01,G02"}

    canonical = _item([material], chargeLimit="不收费").document
    home = ADAPTER.to_regional(DocumentKind.SERVICE_ITEM, canonical).document

    assert (home["materials"], home["apasDirectory"]["chargeLimit"]) == ([material], "不收费")
