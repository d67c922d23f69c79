"""Sites that nobody has an adapter for, in real Chromium: what is armed, what is sent, what goes to a person."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import pytest
import pytest_asyncio

from app.applications.types import Fenced
from app.bots.apply import walk as walking
from app.bots.apply.browser import Chromium
from app.bots.apply.gate import Gate
from app.bots.apply.plan import Facts, Upload
from app.bots.apply.sites import Site
from app.bots.apply.walk import Confirmed, Handover, Questions, Rehearsed, Unknown, Walk
from app.platform.egress.guard import Guard
from app.seekers.types import Profile
from tests.apply.odd import Odd

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]
RESUME = b"%PDF-1.4\nshort\n%%EOF"
NAME = "<label>Full name *<input name=name></label>"
MAIL = "<label>Email<input type=email name=email required></label>"
FILE = "<label>Resume<input type=file name=resume></label>"
SEND = "<button id=go>Submit application</button>"


@pytest_asyncio.fixture(loop_scope="module")
async def odd() -> AsyncIterator[Odd]:
    found = Odd()
    server = await asyncio.start_server(found.handle, "127.0.0.1", 0)
    found.origin = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield found


class Try:
    """One attempt at an odd site."""

    def __init__(self, chromium: Chromium, odd: Odd) -> None:
        self.chromium, self.odd = chromium, odd
        self.armed: list[dict[str, Any]] = []
        self.refuse = False
        self.log_at_arming: list[str] = []
        self.answers: list[dict[str, Any]] = []

    async def _arm(self, request: dict[str, Any]) -> None:
        self.log_at_arming = self.odd.came()
        if self.refuse:
            raise Fenced("withdrawn")
        self.armed.append(request)

    async def _report(self, percent: int, phase: str) -> None:
        return None

    async def go(self, page: str, *, rehearsal: bool = False, **bank: str) -> Any:
        self.odd.pages["/"] = "<!doctype html><title>Apply</title>" + page
        known = Profile(name="Ada Byron", email="ada@example.org", phone="+442079460000", needs_sponsorship="No")
        facts = Facts(
            known=known,
            given={},
            bank={key.replace("_", " "): (text, "answer bank") for key, text in bank.items()},
            resume=Upload("Ada.pdf", len(RESUME), "0"),
            employer="Odd Ltd",
            today=date(2026, 11, 23),
        )
        gate = Gate(site=Site(), rehearsal=rehearsal, marks=("ada@example.org",))
        async with self.chromium.session(Guard(self.odd.origin), gate, self._arm) as session:
            walk = Walk(session, facts, RESUME, self._report)
            outcome = await walk.through(self.odd.origin + "/")
            self.answers = walk.answers
            return outcome


@pytest.fixture
def attempt(chromium: Chromium, odd: Odd) -> Try:
    return Try(chromium, odd)


def form(inside: str, more: str = "method=post action=/send enctype=multipart/form-data") -> str:
    return f"<form {more}>{NAME}{MAIL}{FILE}{inside}</form>"


async def test_a_plain_form(attempt: Try, odd: Odd) -> None:
    outcome = await attempt.go(form(SEND))
    assert isinstance(outcome, Confirmed)
    assert outcome.confirmation == "OD-77"
    assert odd.came() == ["/send"]
    assert attempt.log_at_arming == []
    assert RESUME in odd.log[-1][2]


async def test_a_body_that_comes_after_its_document_is_waited_for(chromium: Chromium, odd: Odd) -> None:
    odd.pages["/"] = form(SEND)
    gate = Gate(site=Site(), rehearsal=False, marks=())
    async with chromium.session(Guard(odd.origin), gate, _none) as session:
        await session.open(odd.origin + "/")
        await session.page.evaluate(
            "const body = document.body; body.remove(); setTimeout(() => document.documentElement.append(body), 1000)"
        )
        assert [field.name for field in (await session.read()).fields] == ["name", "email", "resume"]


async def _none(_: object) -> None:
    return None


async def test_nothing_leaves_where_arming_is_refused(attempt: Try, odd: Odd) -> None:
    attempt.refuse = True
    with pytest.raises(Fenced):
        await attempt.go(form(SEND))
    await asyncio.sleep(0.5)
    assert odd.came() == []


async def test_what_waits_behind_a_refused_request_does_not_leave_either(chromium: Chromium, odd: Odd) -> None:
    async def refuse(_: dict[str, Any]) -> None:
        await asyncio.sleep(0.3)  # as long as a busy database takes: the other request comes meanwhile
        raise Fenced("withdrawn")

    gate = Gate(site=Site(), rehearsal=False, marks=("ada@example.org",))
    async with chromium.session(Guard(odd.origin), gate, refuse) as session:
        await session.open(odd.origin + "/")
        gate.phase = "sending"
        await session.page.evaluate("['/track', '/api/apply'].forEach((to) => { fetch(to, {method: 'POST'}) })")
        await session.settled.wait()
        await asyncio.sleep(0.5)
        assert isinstance(session.refusal, Fenced)
    assert odd.came() == []


@pytest.mark.parametrize("status", [500, 403])
async def test_a_page_that_tries_again_by_itself_is_heard_once(attempt: Try, odd: Odd, status: int) -> None:
    script = """<script>const send = () => fetch('/api/apply', {method: 'POST', body: new FormData(document.forms[0])});
      document.forms[0].addEventListener('submit', async (e) => { e.preventDefault();
      for (let i = 0; i < 3; i += 1) { try { if ((await send()).ok) break; } catch (x) {} } });</script>"""
    odd.status["/api/apply"] = status
    outcome = await attempt.go(form(SEND) + script)
    assert isinstance(outcome, Unknown)
    await asyncio.sleep(0.3)
    assert odd.came() == ["/api/apply"]


async def test_a_form_that_sends_by_script(attempt: Try, odd: Odd) -> None:
    script = """<script>document.forms[0].addEventListener('submit', async (e) => { e.preventDefault();
      const sent = await fetch('/api/apply', {method: 'POST', body: new FormData(document.forms[0])});
      document.body.innerHTML = await sent.text(); });</script>"""
    outcome = await attempt.go(form(SEND) + script)
    assert isinstance(outcome, Confirmed)
    assert odd.came() == ["/api/apply"]
    assert [facts["url"] for facts in attempt.armed] == [odd.origin + "/api/apply"]


async def test_beacons_don_t_arm_and_uploads_before_the_end_don_t_either(attempt: Try, odd: Odd) -> None:
    script = """<script>document.forms[0].resume.addEventListener('change',
        () => fetch('/upload', {method: 'POST', body: 'x'}));
      document.forms[0].addEventListener('submit', () => navigator.sendBeacon('/beacon', 'left'));</script>"""
    outcome = await attempt.go(form(SEND) + script)
    assert isinstance(outcome, Confirmed)
    assert [facts["url"] for facts in attempt.armed] == [odd.origin + "/send"]
    assert set(odd.came()) >= {"/upload", "/send"}
    assert odd.came().count("/send") == 1


async def test_a_page_that_sends_twice_is_armed_once_and_the_second_waits(attempt: Try, odd: Odd) -> None:
    script = """<script>document.forms[0].addEventListener('submit', async (e) => { e.preventDefault();
      fetch('/track', {method: 'POST', body: 'click'});
      const sent = await fetch('/api/apply', {method: 'POST', body: new FormData(document.forms[0])});
      document.body.innerHTML = await sent.text(); });</script>"""
    outcome = await attempt.go(form(SEND) + script)
    assert isinstance(outcome, Confirmed)
    assert len(attempt.armed) == 1
    assert odd.came() == ["/track", "/api/apply"]


async def test_a_form_that_sends_by_get(attempt: Try, odd: Odd) -> None:
    outcome = await attempt.go(f"<form action=/send>{NAME}{MAIL}<textarea name=about></textarea>{SEND}</form>")
    assert isinstance(outcome, Confirmed)
    assert len(attempt.armed) == 1
    assert len([path for path in odd.came("GET") if path.startswith("/send?")]) == 1


async def test_a_form_that_answers_in_a_new_tab(attempt: Try, odd: Odd) -> None:
    outcome = await attempt.go(form(SEND, "method=post action=/send target=_blank"))
    assert isinstance(outcome, Confirmed)
    assert odd.came() == ["/send"]


async def test_a_lone_continue_is_taken_for_the_sending(attempt: Try, odd: Odd) -> None:
    odd.pages["/send"] = (
        "<!doctype html><form><input name=more><input name=and><input name=x><button>Send</button></form>"
    )
    walked = asyncio.create_task(attempt.go(form("<button>Continue</button>")))
    while not attempt.armed and not walked.done():
        await asyncio.sleep(0.1)
    walked.cancel()
    assert len(attempt.armed) == 1


async def test_a_step_that_was_the_sending_is_not_called_unsent(attempt: Try, odd: Odd) -> None:
    """Called stuck, it would be sent by hand a second time."""
    outcome = await attempt.go(form("<p>Step 1 of 2</p><button>Continue</button>"))
    assert isinstance(outcome, Confirmed), outcome
    assert outcome.confirmation == "OD-77"
    assert odd.came() == ["/send"]
    assert len(attempt.armed) == 1


async def test_a_500_and_a_lost_connection_are_unknown(attempt: Try, odd: Odd) -> None:
    odd.status["/send"] = 500
    outcome = await attempt.go(form(SEND))
    assert isinstance(outcome, Unknown)
    assert odd.came() == ["/send"]


@pytest.mark.parametrize(("says", "confirmed"), [("Something went wrong.", False), ("Application received.", True)])
async def test_thanks_that_stood_there_before_confirm_nothing(
    attempt: Try, odd: Odd, monkeypatch: pytest.MonkeyPatch, says: str, confirmed: bool
) -> None:
    monkeypatch.setattr(walking, "CONFIRM_SECONDS", 2)
    script = f"""<script>document.forms[0].addEventListener('submit', async (e) => {{ e.preventDefault();
      await fetch('/api/apply', {{method: 'POST', body: new FormData(document.forms[0])}});
      document.forms[0].outerHTML = '<p>{says}</p>'; }});</script>"""
    outcome = await attempt.go("<h1>Thank you for applying to Odd Ltd</h1>" + form(SEND) + script)
    assert isinstance(outcome, Confirmed if confirmed else Unknown), outcome


async def test_a_422_of_an_unknown_site_proves_nothing(attempt: Try, odd: Odd) -> None:
    odd.status["/send"] = 422
    odd.pages["/send"] = "<!doctype html><div role=alert>Wrong</div>" + form(SEND)
    assert isinstance(await attempt.go(form(SEND)), Unknown)


@pytest.mark.parametrize(
    ("inside", "what"),
    [
        ('<div class="g-recaptcha" data-sitekey="x"></div>' + SEND, "captcha"),
        ('<div class="h-captcha"></div>' + SEND, "captcha"),
        ('<div class="cf-turnstile"></div>' + SEND, "captcha"),
        ("<label>Password<input type=password name=p></label>" + SEND, "login"),
        ("", "no_button"),
        ("<button disabled>Submit application</button>", "no_button"),
    ],
)
async def test_what_a_bot_leaves_alone(attempt: Try, odd: Odd, inside: str, what: str) -> None:
    outcome = await attempt.go(form(inside))
    assert isinstance(outcome, Handover), outcome
    assert outcome.what == what
    assert (attempt.armed, odd.came()) == ([], [])


async def test_a_page_without_a_form(attempt: Try) -> None:
    outcome = await attempt.go("<p>Nothing.</p><form><input type=search name=q></form>")
    assert isinstance(outcome, Handover)
    assert outcome.what == "no_form"


async def test_a_gone_posting(attempt: Try, odd: Odd) -> None:
    odd.status["/"] = 404
    outcome = await attempt.go("<p>Gone.</p>")
    assert isinstance(outcome, Handover)
    assert outcome.what == "gone"


async def test_a_page_that_loses_what_is_typed_is_found_by_reading_back(attempt: Try, odd: Odd) -> None:
    script = "<script>setInterval(() => { document.forms[0].elements.name.value = ''; }, 5)</script>"
    outcome = await attempt.go(form(SEND) + script)
    assert isinstance(outcome, Handover)
    assert outcome.what == "not_kept"
    assert odd.came() == []


async def test_a_page_that_submits_by_itself_is_stopped(attempt: Try, odd: Odd) -> None:
    script = """<script>document.forms[0].elements.email.addEventListener('change',
      () => document.forms[0].submit());</script>"""
    outcome = await attempt.go(form(SEND) + script)
    assert isinstance(outcome, Handover)
    assert outcome.what == "strayed"
    assert odd.came() == []


async def test_a_question_that_appears_because_of_an_answer(attempt: Try, odd: Odd) -> None:
    script = """<div id=more></div><script>document.forms[0].elements.email.addEventListener('change', () => {
      const more = document.getElementById('more');
      more.innerHTML = '<label>Badge colour<input name=badge required></label>'; });</script>"""
    outcome = await attempt.go(form(script + SEND))
    assert isinstance(outcome, Questions)
    assert [one.field.label for one in outcome.missing] == ["Badge colour"]
    outcome = await attempt.go(form(script + SEND), badge_colour="Blue")
    assert isinstance(outcome, Confirmed)
    assert {answer["label"]: answer["value"] for answer in attempt.answers}["Badge colour"] == "Blue"


async def test_pre_ticked_boxes_are_unticked_and_required_ones_asked_for(attempt: Try, odd: Odd) -> None:
    news = "<label><input type=checkbox name=news checked> Send me news</label>"
    assert isinstance(await attempt.go(form(news + SEND)), Confirmed)
    assert b"news" not in odd.log[-1][2]
    terms = "<label><input type=checkbox name=terms checked required> I certify that all is true</label>"
    outcome = await attempt.go(form(terms + SEND))
    assert isinstance(outcome, Questions)


async def test_a_field_without_words_does_not_take_its_neighbour_s_answer(attempt: Try, odd: Odd) -> None:
    pair = "<div><label for=tel>Phone</label><input id=tel name=tel><input name=code></div>"
    assert isinstance(await attempt.go(form(pair + SEND)), Confirmed)
    labels = {answer["name"]: answer["label"] for answer in attempt.answers}
    assert labels["tel"] == "Phone"
    assert "code" not in labels
    assert odd.log[-1][2].count(b"+442079460000") == 1


@pytest.mark.parametrize(
    "chosen",
    [
        "<fieldset><legend>News?</legend><label><input type=radio name=q value=1 checked> Yes</label>"
        "<label><input type=radio name=q value=0> No</label></fieldset>",
        "<label>News?<select name=q><option value=1>Yes<option value=0>No</select></label>",
    ],
)
async def test_what_the_page_chose_by_itself_is_asked_for(attempt: Try, odd: Odd, chosen: str) -> None:
    outcome = await attempt.go(form(chosen + SEND))
    assert isinstance(outcome, Questions), outcome
    assert [one.field.label for one in outcome.missing] == ["News?"]
    assert isinstance(await attempt.go(form(chosen + SEND), news="No"), Confirmed)
    assert {answer["name"]: answer["source"] for answer in attempt.answers}["q"] == "answer bank"


async def test_a_list_that_stands_on_its_invitation_is_left_alone(attempt: Try, odd: Odd) -> None:
    invited = "<label>News?<select name=q><option>Please select<option value=1>Yes</select></label>"
    assert isinstance(await attempt.go(form(invited + SEND)), Confirmed)


async def test_a_box_that_appears_ticked_because_of_an_answer_is_unticked(attempt: Try, odd: Odd) -> None:
    script = """<div id=more></div><script>document.forms[0].elements.email.addEventListener('change', () => {
      document.getElementById('more').innerHTML = '<label><input type=checkbox name=news checked> News</label>'; });
      </script>"""
    assert isinstance(await attempt.go(form(script + SEND)), Confirmed)
    assert b"news" not in odd.log[-1][2]


async def test_legal_questions_only_in_the_seeker_s_words(attempt: Try) -> None:
    select = "<label>{}<select name=q required><option value=''>-<option value=1>Yes<option value=0>No</select></label>"
    known = select.format("Will you require visa sponsorship?")
    assert isinstance(await attempt.go(form(known + SEND)), Confirmed)
    for asked in ("Can you work without sponsorship?", "Are you a protected veteran?", "Do you require a visa?"):
        assert isinstance(await attempt.go(form(select.format(asked) + SEND)), Questions), asked


async def test_a_form_that_sends_over_a_socket_is_handed_over_before_it_does(attempt: Try, odd: Odd) -> None:
    """Nothing would be armed, and "nothing was sent" would be said of what was."""
    script = """<script>const socket = new WebSocket(location.origin.replace('http', 'ws') + '/socket');
      document.forms[0].addEventListener('submit', (e) => { e.preventDefault(); socket.send('all'); });</script>"""
    outcome = await attempt.go(form(SEND) + script)
    assert isinstance(outcome, Handover)
    assert outcome.what == "socket"
    assert odd.came("FRAME") == []
    assert {answer["name"] for answer in attempt.answers} == {"name", "email", "resume"}


async def test_a_rehearsal_lets_no_typed_word_out(attempt: Try, odd: Odd) -> None:
    script = """<script>document.forms[0].addEventListener('change', (e) => {
      fetch('/draft', {method: 'POST', body: e.target.value}); fetch('/look?q=' + e.target.value);
      navigator.sendBeacon('/beacon', e.target.value); new Image().src = '/pixel?m=' + e.target.value;
      try { new WebSocket(location.origin.replace('http', 'ws') + '/socket'); } catch (x) {} });</script>"""
    more = "<label>Badge colour<input name=badge></label>"
    outcome = await attempt.go(form(SEND).replace(NAME, more + NAME) + script, rehearsal=True, badge_colour="Turquoise")
    assert isinstance(outcome, Rehearsed)
    await asyncio.sleep(0.3)
    text = b" ".join(path.encode() + b" " + body for _, path, body in odd.log)
    assert b"ada@example.org" not in text
    assert b"Turquoise" not in text
    assert odd.came() == []
    assert not [path for path in odd.came("GET") if path.startswith(("/look", "/socket"))]
