"""The language of a posting or a resume."""

from __future__ import annotations

import pytest

from app.bots.match.skills import default
from app.bots.match.written_in import NAMES, language_of

TEXTS = {
    "en": "We are looking for a nurse with joy and experience for our team in the city.",
    "de": "Wir suchen eine Pflegefachkraft für unser Team in Berlin, mit Freude an der Arbeit und mit Erfahrung.",
    "fr": "Nous cherchons une infirmière pour notre équipe, avec de l'expérience et le goût du travail bien fait.",
    "es": "Buscamos una persona con experiencia en ventas para nuestro equipo, con ganas de aprender cada día.",
    "sv": "Vi söker en sjuksköterska till vårt team i staden. Du har erfarenhet av vården och trivs i en liten grupp.",
    "da": "Vi søger en sygeplejerske til vores hold i byen. Du har erfaring og trives i en lille gruppe af kolleger.",
    "no": "Vi søker en sykepleier til teamet vårt i byen. Du har erfaring og liker å jobbe i en liten gruppe.",
    "cs": "Hledáme zdravotní sestru do našeho týmu ve městě. Máte zkušenosti a rádi pracujete v malém kolektivu.",
    "pl": "Szukamy pielęgniarki do naszego zespołu w mieście. Masz doświadczenie i lubisz pracować w małej grupie.",
    "hu": "Ápolót keresünk a csapatunkba. Van tapasztalatod, és szívesen dolgozol egy kis csoportban a városban.",
    "tr": "Şehirdeki ekibimiz için bir hemşire arıyoruz. Deneyimli ve küçük bir grupta çalışmayı seven biri.",
    "ja": "市内のチームで働く看護師を募集しています。経験があり、小さなグループで働くことが好きな方。",
    "he": "אנחנו מחפשים אחות לצוות שלנו בעיר, עם ניסיון ושמחה בעבודה, שאוהבת לעבוד בקבוצה קטנה.",
    "uk": "Ми шукаємо медсестру до нашої команди в місті. Ви маєте досвід і любите працювати в невеликій групі.",
}


@pytest.mark.parametrize("code", TEXTS)
def test_the_language_of_a_text(code: str) -> None:
    assert language_of(TEXTS[code]) == code


@pytest.mark.parametrize("text", ["", "Python Kafka", "!!! 123 ... --- 456 ;;;" * 20, "\x00\ud83d\x07\ufffe" * 50])
def test_too_little_to_tell(text: str) -> None:
    assert language_of(text) == ""


def test_what_no_text_should_hold() -> None:
    assert language_of("\x00\ud83d\x07 " + TEXTS["sv"] + "\ufffe\x1b[0m") == "sv"


def test_names_of_other_things_do_not_make_it_another_language() -> None:
    listed = "Python, Django, FastAPI, PostgreSQL, Redis, Docker, Kubernetes, Terraform, AWS, GraphQL, React"
    assert language_of(listed) in ("", "en")


def test_every_language_is_one_that_a_resume_can_show() -> None:
    skills = default().skills
    assert [name for name in NAMES.values() if name not in skills or skills[name].kind != "language"] == []
