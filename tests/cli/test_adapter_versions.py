"""`tongban adapter upload` to `download`: which version of a layout serves, decided at the store."""

import orjson
import pytest

from gateway.core.conversion.loading import listing_digest
from gateway.resources import read_adapter_folder

pytestmark = pytest.mark.usefixtures("settled")


@pytest.fixture
def adapter(run):
    return lambda *arguments: run("adapter", *arguments)


def raise_version(layout, version, **changed):
    """Make another version of the small layout, with one row or code changed."""
    manifest = layout / "adapter.toml"
    lines = manifest.read_text("utf-8").splitlines()
    manifest.write_text("\n".join(f'version = "{version}"' if "version" in line else line for line in lines), "utf-8")
    for name, (old, new) in changed.items():
        path = layout / name
        path.write_text(path.read_text("utf-8").replace(old, new), "utf-8")


def row(adapter, version):
    kept = orjson.loads(adapter("list", "small", "--json").stdout)
    return next(each for each in kept if each["version"] == version)


def test_a_version_is_uploaded_activated_replaced_and_rolled_back(adapter, layout, run):
    first = adapter("upload", layout)
    assert (first.exit_code, "small 1.0.0 is kept" in first.stdout) == (0, True)
    assert (row(adapter, "1.0.0")["state"], row(adapter, "1.0.0")["origin"]) == ("checked", "uploaded")
    assert adapter("activate", "small", "1.0.0").stdout == "small 1.0.0 is active.\n"
    raise_version(layout, "1.1.0", **{"service-item.mapping.toml": ('"/name"', '"/fullName"')})
    raise_version(layout, "1.1.0", **{"examples/service-item/first.canonical.json": ('"name"', '"fullName"')})

    draft = adapter("upload", layout, "--json")

    # The canonical form knows no /fullName, so this one's check fails, and it cannot serve.
    assert draft.exit_code == 1
    assert orjson.loads(draft.stdout)["state"] == "draft"
    refused = adapter("activate", "small", "1.1.0")
    assert (refused.exit_code, "adapter_not_checked" in refused.stderr) == (1, True)
    assert "FAIL service-item" in adapter("show", "small", "1.1.0").stdout

    raise_version(layout, "1.2.0", **{"service-item.mapping.toml": ('"/fullName"', '"/name"')})
    raise_version(layout, "1.2.0", **{"examples/service-item/first.canonical.json": ('"fullName"', '"name"')})
    assert adapter("upload", layout).exit_code == 0
    assert adapter("activate", "small", "1.2.0").exit_code == 0
    back = adapter("rollback", "small", "--json")
    assert (orjson.loads(back.stdout)["version"], row(adapter, "1.2.0")["state"]) == ("1.0.0", "retired")
    assert "adapter_no_earlier" in adapter("rollback", "small").stderr

    shown = orjson.loads(adapter("show", "small", "1.0.0", "--json").stdout)
    steps = [(each["step"], each["version"]) for each in shown["history"]]
    assert steps == [("activate", "1.0.0"), ("activate", "1.2.0"), ("roll_back", "1.0.0")]
    assert shown["report"]["passed"]
    logged = [orjson.loads(line)["entry"] for line in run("audit", "entries", "--json").stdout.splitlines()]
    ours = [each["kind"] for each in logged if each.get("adapter") == "small"]
    assert sorted(ours) == ["adapter_activated"] * 2 + ["adapter_rolled_back"] + ["adapter_uploaded"] * 3


def test_a_version_never_changes_and_uploading_it_again_changes_nothing(adapter, layout):
    adapter("upload", layout)
    again = adapter("upload", layout)
    (layout / "README.md").write_text("more", "utf-8")

    refused = adapter("upload", layout)

    assert (again.exit_code, "was kept already" in again.stdout) == (0, True)
    assert (refused.exit_code, "adapter_version_exists" in refused.stderr) == (1, True)


def test_what_is_downloaded_is_what_was_uploaded(adapter, layout, bare):
    adapter("upload", layout)

    assert adapter("download", "small", "1.0.0", bare / "copy").exit_code == 0

    assert listing_digest(read_adapter_folder(bare / "copy")) == row(adapter, "1.0.0")["digest"]
    assert "folder_exists" in adapter("download", "small", "1.0.0", bare / "copy").stderr
    assert "adapter_version_unknown" in adapter("download", "small", "9.0.0", bare / "other").stderr


def test_what_changed_between_two_versions_is_told_by_row_and_code(adapter, layout):
    adapter("upload", layout)
    raise_version(layout, "1.1.0", **{"codes/kind.toml": ('"20", canonical = "20"', '"21", canonical = "20"')})
    raise_version(layout, "1.1.0", **{"service-item.mapping.toml": ('"/AREA"', '"/DIVISION"')})
    raise_version(layout, "1.1.0", **{"examples/service-item/first.regional.json": ('"AREA"', '"DIVISION"')})
    adapter("upload", layout)

    told = adapter("compare", "small", "1.0.0", "1.1.0")
    document = orjson.loads(adapter("compare", "small", "1.0.0", "1.1.0", "--json").stdout)

    assert "~ /region <-> /DIVISION (was /region <-> /AREA): regional" in told.stdout
    assert "+ to-canonical 21: - -> 20" in told.stdout
    assert [each["change"] for each in document["codes"]] == ["removed", "added", "changed"]
    assert "Nothing changed" in adapter("compare", layout, layout).stdout
    assert adapter("compare", layout).exit_code == 2


def test_a_layout_that_active_partners_speak_is_not_retired(adapter, layout, run):
    adapter("upload", layout)
    adapter("activate", "small", "1.0.0")
    key = orjson.dumps({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})
    wanted = ("--kind", "system", "--name", "小", "--region", "510000000000", "--adapter", "small", "--jwks", "-")
    assert run("partner", "add", "system.small", *wanted, input=key).exit_code == 0

    refused = adapter("retire", "small", "1.0.0")
    run("partner", "suspend", "system.small")
    retired = adapter("retire", "small", "1.0.0")

    assert ("adapter_in_use" in refused.stderr, "/partners/system.small" in refused.stderr) == (True, True)
    assert retired.stdout == "small 1.0.0 is retired.\n"
    assert "adapter_unknown" in run("partner", "add", "other", *wanted, input=key).stderr
    assert adapter("rollback", "small").exit_code == 0


def test_the_shipped_layouts_are_in_service_before_any_gateway_ran(adapter):
    kept = {each["layout"]: each for each in orjson.loads(adapter("list", "--json").stdout)}

    assert (kept["national"]["state"], kept["national"]["origin"]) == ("active", "shipped")


def test_an_adapter_that_cannot_be_loaded_is_refused_by_row_and_not_kept(adapter, layout):
    (layout / "service-item.mapping.toml").write_text(
        'rows = [{ canonical = "/name", regional = "/NAME", codec = "x" }]'
    )

    refused = adapter("upload", layout)

    assert (refused.exit_code, "codec" in refused.stderr) == (1, True)
    assert orjson.loads(adapter("list", "small", "--json").stdout) == []


def test_every_field_of_a_converted_document_says_where_it_comes_from(adapter, layout):
    example = layout / "examples" / "service-item" / "first.regional.json"

    told = adapter("explain", layout, "--document", "service-item", example)
    document = orjson.loads(adapter("explain", layout, "--document", "service-item", example, "--json").stdout)

    assert {"canonical": "/type", "regional": ["/TYPE"], "row": "/rows/3", "codec": "code"} in document["fields"]
    assert (document["adapter"], document["losses"]) == ("small", [])
    assert "/implementationCode" in told.stdout
    assert "企业备案" not in told.stdout
