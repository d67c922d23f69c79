"""`/api/seekers/`: joining, profile, answers, resumes."""

from __future__ import annotations

import httpx
import pytest

from tests.web.conftest import PASSWORD, SignIn

NEW = {"email": "New@cabrank.test", "password": PASSWORD, "name": "New Person"}


async def _token(client: httpx.AsyncClient, email: str, password: str = PASSWORD) -> httpx.Response:
    return await client.post("/api/auth/token", json={"email": email, "password": password})


async def test_a_second_sign_up_is_answered_like_the_first_and_changes_nothing(anonymous: httpx.AsyncClient) -> None:
    first = await anonymous.post("/api/seekers/", json=NEW)
    again = await anonymous.post("/api/seekers/", json=NEW | {"password": "another password", "name": "X"})
    assert (first.status_code, first.json()) == (again.status_code, again.json()) == (201, first.json())
    assert (await _token(anonymous, "new@cabrank.test")).status_code == 200
    assert (await _token(anonymous, "new@cabrank.test", "another password")).status_code == 401


@pytest.mark.parametrize(
    ("bad", "path"),
    [({"email": "no address"}, "email"), ({"password": "short"}, "password"), ({"name": "  "}, "name")],
)
async def test_a_bad_sign_up_names_the_field(anonymous: httpx.AsyncClient, bad: dict[str, str], path: str) -> None:
    answer = await anonymous.post("/api/seekers/", json=NEW | bad)
    assert answer.status_code == 400
    assert [error["path"] for error in answer.json()["errors"]] == [path]


async def _joined(anonymous: httpx.AsyncClient) -> dict[str, str]:
    await anonymous.post("/api/seekers/", json=NEW)
    return {"authorization": f"Bearer {(await _token(anonymous, NEW['email'])).json()['token']}"}


async def test_profile_and_answers_are_kept_word_for_word(anonymous: httpx.AsyncClient) -> None:
    headers = await _joined(anonymous)
    change = {
        "profile": {"phone": "+1 202 555 0143", "work_permission": "Citizen"},
        "preferences": {"remote": "only"},
        "answers": [{"question": "Do you hold a driving licence?", "answer": "Yes, class B"}],
    }
    answer = await anonymous.patch("/api/seekers/me", json=change, headers=headers)
    assert answer.status_code == 200
    me = (await anonymous.get("/api/seekers/me", headers=headers)).json()
    assert me == answer.json()
    assert me["profile"]["work_permission"] == "Citizen"
    assert me["preferences"]["remote"] == "only"
    assert me["answers"][0]["answer"] == "Yes, class B"


async def test_a_wrong_change_names_its_path_and_changes_nothing(anonymous: httpx.AsyncClient) -> None:
    headers = await _joined(anonymous)
    for bad, path in (
        ({"preferences": {"remote": "sometimes"}}, "preferences.remote"),
        ({"nothing": 1}, ""),
        ({"matching_active": "maybe", "profile": {"phone": "1"}}, "matching_active"),
    ):
        answer = await anonymous.patch("/api/seekers/me", json=bad, headers=headers)
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["path"] == path
    assert (await anonymous.get("/api/seekers/me", headers=headers)).json()["profile"]["phone"] == ""


async def test_a_resume_is_kept_and_shown_to_its_owner_alone(anonymous: httpx.AsyncClient, signed_in: SignIn) -> None:
    headers = await _joined(anonymous)
    files = {"file": ("resume.txt", b"Ada Lovelace\nada@cabrank.test\n\nSkills\nPython", "text/plain")}
    answer = await anonymous.post("/api/seekers/me/resumes", files=files, headers=headers)
    assert answer.status_code == 201
    kept = answer.json()
    assert (kept["state"], kept["filename"]) == ("stored", "resume.txt")
    path = f"/api/seekers/me/resumes/{kept['id']}"
    assert (await anonymous.get(path, headers=headers)).status_code == 200
    employee = await signed_in("employee")
    assert (await employee.get(path)).status_code == 403
    other = await signed_in("seeker", "other@cabrank.test")
    assert (await other.get(path)).status_code == 404


async def test_a_huge_upload_is_refused_with_a_clear_problem(anonymous: httpx.AsyncClient) -> None:
    headers = await _joined(anonymous)
    for size in (10_500_000, 50_000_000):
        files = {"file": ("resume.pdf", b"x" * size, "application/pdf")}
        answer = await anonymous.post("/api/seekers/me/resumes", files=files, headers=headers)
        assert answer.status_code == 413
        assert "10 MB" in answer.json()["detail"]


async def test_an_upload_without_a_file_names_the_field(anonymous: httpx.AsyncClient) -> None:
    headers = await _joined(anonymous)
    answer = await anonymous.post("/api/seekers/me/resumes", files={"other": ("x", b"x")}, headers=headers)
    assert answer.status_code == 400
    assert answer.json()["errors"]
