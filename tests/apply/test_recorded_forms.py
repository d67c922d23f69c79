"""Saved application pages of real systems: what the reader makes of them."""

from pathlib import Path
from typing import Any

import pytest

from app.bots.apply.browser import Chromium
from app.bots.apply.form import FormPage, forward
from app.bots.apply.gate import Gate
from app.bots.apply.sites import Site
from app.platform.egress.guard import Guard

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


async def _read(chromium: Chromium, path: Path) -> FormPage:
    async def nothing(_: dict[str, Any]) -> None:
        return None

    gate = Gate(site=Site(), rehearsal=True, marks=())
    async with chromium.session(Guard(), gate, nothing, java_script_enabled=True) as session:
        text = path.read_text(errors="replace")
        await session.page.set_content(text, wait_until="domcontentloaded", timeout=20_000)
        return await session.read()


@pytest.mark.parametrize(
    ("name", "labels", "required", "button"),
    [
        (
            "greenhouse_gitlab.html",
            {"First Name": "text", "Last Name": "text", "Email": "text", "Phone": "tel", "LinkedIn Profile": "text"},
            {"First Name", "Last Name", "Email"},
            "Submit application",
        ),
        ("lever_highspot.html", {"Full name": "text", "Email": "email"}, {"Full name", "Email"}, "Submit application"),
        (
            "workable_huble.html",
            {"First name": "text", "Last name": "text", "Email": "email"},
            {"First name", "Last name", "Email"},
            "Submit application",
        ),
    ],
)
async def test_recorded_forms_are_understood(
    chromium: Chromium, shared_data: Path, name: str, labels: dict[str, str], required: set[str], button: str
) -> None:
    page = await _read(chromium, shared_data / "forms" / name)
    kinds = {field.label: field.kind for field in page.fields}
    assert labels.items() <= kinds.items(), kinds
    assert required <= {field.label for field in page.fields if field.required}
    assert "file" in kinds.values()
    found = forward(page)
    assert found is not None
    assert found.label.casefold() == button.casefold()
    assert all(field.label for field in page.fields), [field for field in page.fields if not field.label]


async def test_the_captcha_of_lever_is_seen(chromium: Chromium, shared_data: Path) -> None:
    assert "captcha" in (await _read(chromium, shared_data / "forms" / "lever_highspot.html")).obstacles


async def test_a_choice_is_asked_about_by_its_question_not_by_its_first_option(
    chromium: Chromium, shared_data: Path
) -> None:
    lever = await _read(chromium, shared_data / "forms" / "lever_highspot.html")
    radios = {
        field.label: [option.label for option in field.options] for field in lever.fields if field.kind == "radio"
    }
    assert {label[:50]: options for label, options in radios.items()} == {
        "Will you need visa sponsorship (now or in the futu": ["Yes", "N0"],
        "This position requires you to start working from t": ["Yes", "No"],
    }
    workable = await _read(chromium, shared_data / "forms" / "workable_huble.html")
    boxes = [field.label for field in workable.fields if field.kind == "checkbox"]
    assert len(boxes) == 3
    assert all("SVG" not in label and len(label) > 12 for label in boxes), boxes
