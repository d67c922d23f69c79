"""Each switch does what it says, the count of arrivals is right, and nobody else may touch them."""

import asyncio
import html
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from litestar.testing import AsyncTestClient

from app.config import ConfigError
from app.practice.server import create_app, make_server, running
from tests.practice.conftest import BEST, Caller

LIST = "/greenhouse/v1/boards/northwick/jobs"


async def listed(board: Caller) -> dict[str, dict[str, Any]]:
    return {str(job["id"]): job for job in (await board.get(LIST, content="true"))["jobs"]}


async def outcomes(board: Caller) -> list[tuple[str, str | None]]:
    return [(a["outcome"], a["number"]) for a in (await board.counted())["arrivals"]]


async def test_slow(board: Caller) -> None:
    await board.behave(delay_seconds=0.3)
    before = time.monotonic()
    await board.get(LIST)
    assert time.monotonic() - before >= 0.3
    assert (await board.client.delete("/control/behaviour")).status_code == 204
    assert (await board.get("/control/behaviour"))["delay_seconds"] == 0


async def test_slow_to_confirm(board: Caller) -> None:
    await board.behave(confirm_delay_seconds=0.4)
    sending = asyncio.create_task(board.send(await board.posting(BEST)))
    async with httpx.AsyncClient(base_url=board.client.base_url) as other:
        while not (await other.get("/control/submissions")).json()["count"]:
            await asyncio.sleep(0.01)
    assert not sending.done()  # filed, and not yet answered
    assert (await sending).status_code == 303


async def test_fails_as_often_as_told(board: Caller) -> None:
    await board.behave(fail_status=503, fail_next=2)
    posting = await board.posting(BEST)
    page = await board.draft(posting)
    assert [(await board.send(posting, page)).status_code for _ in range(3)] == [503, 503, 303]
    assert await outcomes(board) == [("failed", None), ("failed", None), ("submitted", "NW-20401")]
    assert (await board.counted())["submissions"][0]["received_count"] == 3


@pytest.mark.parametrize("keeps", [True, False])
async def test_drops_after_receiving(board: Caller, keeps: bool) -> None:
    posting = await board.posting(BEST)
    page = await board.draft(posting)
    await board.behave(drop_after_receiving=1, drop_keeps=keeps)
    with pytest.raises(httpx.RemoteProtocolError, match="disconnected without sending a response"):
        await board.send(posting, page)
    assert await outcomes(board) == [("dropped", "NW-20401" if keeps else None)]
    assert (await board.counted())["count"] == int(keeps)
    assert (await board.send(posting, page)).status_code == 303


async def test_drop_can_spare_fresh_connections(board: Caller) -> None:
    posting = await board.posting(BEST)
    page = await board.draft(posting)
    answers = await board.answers(posting)
    await board.behave(drop_after_receiving=1, drop_only_reused=True)
    files = [("resume", ("jane.pdf", b"%PDF-1.7", "application/pdf"))]
    async with httpx.AsyncClient(base_url=board.client.base_url) as fresh:
        assert (await fresh.post(f"{page}/submit", data=answers, files=files)).status_code == 303
        with pytest.raises(httpx.RemoteProtocolError):
            await fresh.post(f"{page}/submit", data=answers, files=files)
    assert [a["reused"] for a in (await board.counted())["arrivals"]] == [False, True]


async def test_drops_a_reused_connection_before_reading(board: Caller) -> None:
    posting = await board.posting(BEST)
    page = await board.draft(posting)
    await board.behave(drop_reused_before_reading=1)
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError)):
        await board.send(posting, page)
    assert await outcomes(board) == []
    assert (await board.send(posting, page)).status_code == 303


async def test_half_a_request_counts_as_incomplete(board: Caller) -> None:
    page = await board.draft(await board.posting(BEST))
    reader, writer = await asyncio.open_connection("127.0.0.1", board.client.base_url.port)
    head = f"POST {page}/submit HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 100\r\n\r\n"
    writer.write(head.encode() + b"x" * 40)
    await writer.drain()
    await asyncio.sleep(0.2)
    writer.close()
    while not (found := (await board.counted())["arrivals"]):
        await asyncio.sleep(0.01)
    assert (found[0]["outcome"], found[0]["bytes"]) == ("incomplete", 40)
    assert await reader.read() == b""


async def test_lists_that_fail(board: Caller) -> None:
    for status in (404, 429, 500):
        await board.behave(lists={"northwick": {"status": status, "retry_after": 7}})
        answer = await board.client.get(LIST)
        assert answer.status_code == status
        assert answer.headers.get("retry-after") == ("7" if status == 429 else None)
    await board.behave(lists={"northwick": {"status": "html"}, "tessera": {"status": "half_json"}})
    assert (await board.client.get(LIST)).headers["content-type"].startswith("text/html")
    answer = await board.client.get("/ashby/posting-api/job-board/tessera")
    with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
        answer.json()
    await board.get("/lever/v0/postings/larkspur")  # the others go on


async def test_a_list_that_hangs_until_it_is_told_otherwise(board: Caller) -> None:
    await board.behave(lists={"northwick": {"status": "hang"}})
    with pytest.raises(httpx.ReadTimeout):
        await board.client.get(LIST, timeout=0.3)
    hanging = asyncio.create_task(board.client.get(LIST, timeout=20))
    await asyncio.sleep(0.1)
    await board.client.delete("/control/behaviour")
    assert (await hanging).status_code == 503


async def test_edit_and_remove(board: Caller) -> None:
    before = await listed(board)
    best, other = await board.posting(BEST), await board.posting("backend-engineer-ledger")
    edit = {"title": "Lead <Engineer>", "location": "Oslo", "requirements": ["Rust & C"]}
    await board.behave(edit={best["id"]: edit}, remove=[other["id"]])
    after = await listed(board)
    assert before.keys() - after.keys() == {other["id"]}
    job = after[best["id"]]
    assert (job["title"], job["location"]["name"]) == ("Lead <Engineer>", "Oslo")
    assert "<li>Rust &amp; C</li>" in html.unescape(job["content"])
    assert job["updated_at"] > before[best["id"]]["updated_at"]
    assert (await board.client.get(other["url"])).status_code == 404
    await board.client.delete("/control/behaviour")
    assert await listed(board) == before


@pytest.mark.parametrize("slug", [BEST, "data-engineer", "senior-backend-engineer"])
async def test_bad_content_on_each_board(board: Caller, slug: str) -> None:
    posting = await board.posting(slug)
    await board.behave(script_tags=posting["id"], big_description=posting["id"], no_title=[posting["id"]])
    paths = {
        "greenhouse": f"/greenhouse/v1/boards/{posting['token']}/jobs?content=true",
        "lever": f"/lever/v0/postings/{posting['token']}?mode=json",
        "ashby": f"/ashby/posting-api/job-board/{posting['token']}",
    }
    answer = (await board.client.get(paths[posting["ats"]])).json()
    jobs = answer if isinstance(answer, list) else answer["jobs"]
    job = next(j for j in jobs if str(j["id"]) == posting["id"])
    text = html.unescape(str(job))
    assert "<script>" in text
    assert "javascript:" in text
    assert len(text) > 2_000_000
    assert not {"title", "text"} & job.keys()
    page = await board.client.get(posting["url"])
    assert "<script>document" in page.text
    assert "script-src" not in page.headers["content-security-policy"]
    assert page.headers["content-security-policy"].startswith("default-src 'self'")


async def test_a_form_can_be_spoiled_on_any_posting(board: Caller) -> None:
    posting = await board.posting(BEST)
    page = await board.draft(posting)
    assert "Submit application" in (await board.client.get(page)).text
    await board.behave(forms={BEST: "no_submit"})
    assert "Submit application" not in (await board.client.get(page)).text
    await board.behave(forms={BEST: "unknowable"})
    assert "invitation letter" in (await board.client.get(page)).text


@pytest.mark.parametrize(
    "wish",
    [
        {"nonsense": 1},
        {"fail_next": "many"},
        {"fail_status": 200},
        {"delay_seconds": -1},
        {"lists": {"northwick": {"status": 418}}},
        {"edit": {"1": {"salary": 1}}},
        [],
    ],
)
async def test_wrong_wishes_change_nothing(board: Caller, wish: Any) -> None:
    before = await board.get("/control/behaviour")
    answer = await board.client.post("/control/behaviour", json=wish)
    assert answer.status_code == 400
    assert answer.json()["error"]
    assert await board.get("/control/behaviour") == before


async def test_controls_are_for_this_machine(board: Caller, tmp_path: Path) -> None:
    rebound = await board.client.get("/control/submissions", headers={"Host": "evil.example"})
    assert rebound.status_code == 403
    simple = await board.client.post("/control/behaviour", content="{}", headers={"Content-Type": "text/plain"})
    assert simple.status_code == 400
    async with AsyncTestClient(create_app(tmp_path / "other")) as afar:
        assert (await afar.get("/control/submissions")).status_code == 403  # its client is "testclient"


async def test_no_controls_where_they_are_not_wanted(tmp_path: Path) -> None:
    app = create_app(tmp_path, control=False)
    async with running(app) as origin, httpx.AsyncClient(base_url=origin) as client:
        assert (await client.get("/control/submissions")).status_code == 404
        assert (await client.get(LIST)).status_code == 200


async def test_a_plain_server_says_that_it_cannot_cut(tmp_path: Path) -> None:
    config = uvicorn.Config(create_app(tmp_path), port=0, lifespan="off", log_config=None)
    server = uvicorn.Server(config)
    with config.bind_socket() as listener:
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{listener.getsockname()[1]}") as client:
            answer = await client.post("/control/behaviour", json={"drop_after_receiving": 1})
            assert (answer.status_code, "make_server" in answer.text) == (400, True)
        server.should_exit = True
        await serving


@pytest.mark.parametrize("bind", ["0.0.0.0:8099", "192.168.1.2:8099", "example.org:80"])
async def test_it_binds_to_this_machine_alone(tmp_path: Path, bind: str) -> None:
    with pytest.raises(ConfigError, match="CABRANK_PRACTICE_BIND"):
        make_server(create_app(tmp_path), bind)


async def test_connections_are_kept(board: Caller) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", board.client.base_url.port)
    for _ in range(3):
        writer.write(b"GET /health/live HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert (await reader.readuntil(b"ok")).startswith(b"HTTP/1.1 200")
    writer.close()
