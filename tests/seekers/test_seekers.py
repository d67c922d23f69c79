"""Profile, answers, uploads and versions on real rows."""

from __future__ import annotations

import asyncio
import io
import zipfile
from uuid import UUID

import pypdfium2
import pytest
from sqlalchemy import text

from app.accounts import service as accounts
from app.errors import Invalid, NotFound, TooLarge
from app.platform.db import Database
from app.platform.objects import Objects
from app.seekers import service
from app.seekers.policy import MAX_UPLOAD, question_key, safe_filename
from app.seekers.render import blocks_of, render
from app.seekers.sniff import DOCX, PDF, TEXT, sniff


@pytest.fixture
async def jane(db: Database) -> UUID:
    return await _seeker(db, "jane@example.org")


async def _seeker(db: Database, mail: str) -> UUID:
    async with db.transaction() as tx:
        user = await accounts.create_user(tx, email=mail, name="Jane Roe", role="seeker", password="correct horse")
        await service.create(tx, user.id, name="Jane Roe", email=mail)
    return user.id


async def _tasks(db: Database) -> list[str]:
    async with db.transaction() as tx:
        return list((await tx.conn.execute(text("SELECT kind FROM task ORDER BY created_at"))).scalars())


async def test_created_once(db: Database, jane: UUID) -> None:
    async with db.transaction() as tx:
        again = await service.create(tx, jane, name="Somebody Else")
        with pytest.raises(NotFound):
            await service.get(tx, UUID(int=1))
    assert again.profile.name == "Jane Roe"
    assert again.matching_active


async def test_a_patch_merges_and_has_everything_scored_again(db: Database, jane: UUID) -> None:
    async with db.transaction() as tx:
        await service.update(tx, jane, {"profile": {"phone": "1"}, "preferences": {"places": ["Leeds"]}})
        found = await service.update(tx, jane, {"thresholds": {"auto": 95}, "matching_active": False})
    assert (found.profile.name, found.profile.phone) == ("Jane Roe", "1")
    assert found.preferences.places == ["Leeds"]
    assert found.thresholds.auto == 95
    assert (found.matching_active, found.version) == (False, 3)
    assert await _tasks(db) == ["match.seeker"]


async def test_countries_are_kept_by_their_names_once(db: Database, jane: UUID) -> None:
    wanted = {"work_countries": ["DE", "the UK", "germany", "U.S."], "employment_types": ["contract", "contract"]}
    async with db.transaction() as tx:
        found = (await service.update(tx, jane, {"preferences": wanted})).preferences
    assert found.work_countries == ["Germany", "United Kingdom", "United States"]
    assert found.employment_types == ["contract"]


@pytest.mark.parametrize(
    ("patch", "path"),
    [
        ({"profile": {"shoe_size": 44}}, "profile.shoe_size"),
        ({"preferences": {"remote": "sometimes"}}, "preferences.remote"),
        ({"preferences": {"employment_types": ["full_time", "sometimes"]}}, "preferences.employment_types.1"),
        ({"preferences": {"work_countries": ["Germany", "Germny"]}}, "preferences.work_countries.1"),
        ({"preferences": {"needs_sponsor": "perhaps"}}, "preferences.needs_sponsor"),
        ({"thresholds": {"auto": 101}}, "thresholds.auto"),
        ({"thresholds": {"auto": 50, "floor": 60}}, "thresholds.floor"),
        ({"user_id": "x"}, "user_id"),
        ({"matching_active": "yes"}, "matching_active"),
    ],
)
async def test_a_bad_patch_names_its_field(db: Database, jane: UUID, patch: dict[str, object], path: str) -> None:
    with pytest.raises(Invalid) as caught:
        async with db.transaction() as tx:
            await service.update(tx, jane, patch)
    assert [error.path for error in caught.value.errors] == [path]


async def test_answers_are_kept_word_for_word_once_per_question(db: Database, jane: UUID) -> None:
    async with db.transaction() as tx:
        await service.set_answer(tx, jane, question="Do you need a visa?", answer="No")
        last = await service.set_answer(tx, jane, question="do you need a VISA", answer="No, I’m British")
        found = await service.answers(tx, jane)
        with pytest.raises(Invalid):
            await service.set_answer(tx, jane, question=" ?! ", answer="x")
    assert [(one.answer, one.source) for one in found] == [("No, I’m British", "seeker")]
    other = await _seeker(db, "other@example.org")
    async with db.transaction() as tx:
        with pytest.raises(NotFound):
            await service.delete_answer(tx, other, last.id)
        await service.delete_answer(tx, jane, last.id)
        assert await service.answers(tx, jane) == []


@pytest.mark.parametrize("answer", [{"a": 1}, ["x", {}], ["y"] * 101, "z" * 20_001, None])
async def test_an_answer_is_text_or_a_list_of_texts(db: Database, jane: UUID, answer: object) -> None:
    async with db.transaction() as tx:
        with pytest.raises(Invalid):
            await service.set_answer(tx, jane, question="Why?", answer=answer)


async def test_who_decides_about_a_seeker_keeps_nobody_from_writing_of_them(db: Database, jane: UUID) -> None:
    """An answer refers to its seeker: were the whole row locked, the two could wait for each other for ever."""
    async with db.transaction() as deciding:
        await service.lock(deciding, jane)
        async with asyncio.timeout(3), db.transaction() as tx:
            await service.set_answer(tx, jane, question="Why?", answer="Because.")


async def test_an_upload_is_kept_and_queued(db: Database, objects: Objects, jane: UUID) -> None:
    data = render("Jane Roe\nNurse")
    async with db.transaction() as tx:
        found = await service.store_upload(tx, objects, jane, "..\\..\\my resume.pdf", data)
    assert (found.state, found.number, found.filename, found.media_type) == ("stored", 1, "my resume.pdf", PDF)
    assert found.document_key == found.object_key
    assert await objects.get(found.object_key) == data
    assert await _tasks(db) == ["match.resume"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"MZ\x90\x00" + b"\x00" * 100, "unsupported"),
        (b"", "empty"),
        (b"PK\x03\x04 broken", "damaged"),
        (b"\x89PNG\r\n", "unsupported"),
    ],
)
async def test_a_bad_file_says_what_to_do_and_is_kept(
    db: Database, objects: Objects, jane: UUID, data: bytes, code: str
) -> None:
    async with db.transaction() as tx:
        found = await service.store_upload(tx, objects, jane, "resume.pdf", data)
        assert await service.latest_resume(tx, jane) is None
    assert found.state == "failed"
    assert found.error is not None
    assert found.error["code"] == code
    assert "pload" in found.error["text"] or "Choose" in found.error["text"]
    assert await objects.get(found.object_key) == data
    assert await _tasks(db) == []


async def test_ten_megabytes_are_the_limit(db: Database, objects: Objects, jane: UUID) -> None:
    async with db.transaction() as tx:
        await service.store_upload(tx, objects, jane, "a.txt", b"a" * MAX_UPLOAD)
        with pytest.raises(TooLarge, match="50 MB; the limit is 10 MB"):
            await service.store_upload(tx, objects, jane, "a.txt", b"a" * (50 * 1024 * 1024))


async def test_parsed_fills_only_what_was_empty(db: Database, objects: Objects, jane: UUID) -> None:
    contact = {"name": "J. Roe", "email": "x@y.z", "phone": "+44 1", "location": "Leeds", "links": ["github.com/j"]}
    async with db.transaction() as tx:
        stored = await service.store_upload(tx, objects, jane, "r.txt", b"Jane Roe\nNurse")
        done = await service.parsed(tx, objects, stored.id, text="Jane Roe\nNurse", found={"contact": contact})
        profile = (await service.get(tx, jane)).profile
        assert await service.latest_resume(tx, jane) == done
    assert (profile.name, profile.phone, profile.location) == ("Jane Roe", "+44 1", "Leeds")
    assert profile.links == {"github": "github.com/j"}
    assert done.document_key.endswith("resume.pdf")
    assert (await objects.get(done.document_key)).startswith(b"%PDF")


async def test_a_version_has_its_own_pdf_and_number(db: Database, objects: Objects, jane: UUID) -> None:
    async with db.transaction() as tx:
        stored = await service.store_upload(tx, objects, jane, "r.txt", b"Jane Roe\nNurse")
        first = await service.parsed(tx, objects, stored.id, text="Jane Roe\nNurse", found={"contact": {}})
        mine = {"parent_id": first.id, "kind": "review", "created_by": None, "application_id": UUID(int=7)}
        second = await service.add_version(tx, objects, jane, text="Jane Roe\nNurse, BLS", **mine)
        assert await service.latest_resume(tx, jane) == first  # one application's version is not everybody's
        with pytest.raises(Invalid):
            await service.add_version(tx, objects, jane, text=" \n", **mine)
    assert (second.number, second.state, second.parent_id) == (2, "parsed", first.id)
    page = pypdfium2.PdfDocument(await objects.get(second.document_key))[0]
    assert "Nurse, BLS" in page.get_textpage().get_text_bounded()
    other = await _seeker(db, "other@example.org")
    async with db.transaction() as tx:
        with pytest.raises(NotFound):
            await service.add_version(tx, objects, other, text="x", **mine)


def test_rendering_evaluates_nothing() -> None:
    hostile = 'Jane #panic() $x$ *b* @ref\n• #read("/etc/passwd")\n#import "@preview/x:1.0.0"\n\\ ` " {'
    text_back = pypdfium2.PdfDocument(render(hostile))[0].get_textpage().get_text_bounded()
    for piece in ("#panic()", "$x$", "*b*", "#read(", "/etc/passwd", "#import"):
        assert piece in text_back
    assert "root:" not in text_back


def test_blank_lines_are_one_gap() -> None:
    """A hostile text of nothing else would keep a process busy for minutes."""
    assert [block["kind"] for block in blocks_of("\n" * 90_000 + "Jane Roe\n" + "\n" * 90_000 + "Nurse")] == [
        "name",
        "gap",
        "text",
    ]


def _zip(names: list[str]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "media"),
    [
        (render("x"), PDF),
        (b"\n%PDF-1.4", PDF),
        (_zip(["word/document.xml"]), DOCX),
        (_zip(["evil.exe"]), "application/octet-stream"),
        ("Zoë".encode(), TEXT),
        ("Zoë".encode("latin-1"), TEXT),
        ("Zoë".encode("utf-16"), TEXT),
        (b"\x7fELF\x02", "application/octet-stream"),
        (b"\xd0\xcf\x11\xe0\xa1", "application/octet-stream"),
        (bytes(range(256)) * 4, "application/octet-stream"),
    ],
)
def test_types_come_from_content(data: bytes, media: str) -> None:
    assert sniff(data).media_type == media


def test_names() -> None:
    assert question_key("  What's your NAME? ") == "what s your name"
    assert safe_filename("C:\\x\\../../a\x00b.pdf") == "ab.pdf"
    assert safe_filename("") == "resume"
    long = safe_filename("履" * 200 + ".pdf")
    assert len(long.encode()) <= 200  # what file systems take, with room for an ending
    assert long.endswith("履.pdf")
