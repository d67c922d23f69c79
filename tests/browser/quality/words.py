"""The words that a furnished house is filled with: as long as any, for proofs, or plain, to look at."""

from __future__ import annotations

import msgspec

_LONGEST = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
_TOKEN = "https://careers.example.com/" + "a1b2c3d4e5f6" * 14


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """Each list is gone through again from its beginning where there are more things than words."""

    word: str
    token: str
    said: str  # a sentence of a person's
    why: str  # what a bot stopped at
    asks: str  # a question to the seeker
    number: str  # an employer's confirmation
    reason: str
    file: str
    skills: tuple[str, ...]
    names: tuple[str, ...]
    titles: tuple[str, ...]
    companies: tuple[str, ...]
    places: tuple[str, ...]
    spare: str = ""  # behind every title and name that has to differ from the others

    def name(self, n: int, role: str) -> str:
        return self.names[n % len(self.names)] + (f" {role}" if self.spare else "")

    def title(self, n: int) -> str:
        return self.titles[n % len(self.titles)] + (f"{self.spare}{n}" if self.spare else "")

    def company(self, n: int) -> str:
        return (f"{n} " if self.spare else "") + self.companies[n % len(self.companies)]

    def place(self, n: int) -> str:
        return self.places[n % len(self.places)]


LONG = Words(
    word=_LONGEST,
    token=_TOKEN,
    said=f"{_LONGEST} {_TOKEN}",
    why=f"{_LONGEST} {_TOKEN}",
    asks=f"What is {_LONGEST}?",
    number=_TOKEN,
    reason="x" * 60,
    file=f"{_LONGEST}_{_LONGEST}",
    skills=("Python", _LONGEST, "SQL"),
    names=("Maximiliane-Wilhelmine Freifrau von Hohenlohe-Schillingsfürst-Donaudampfschifffahrtskapitän",),
    titles=(f"Senior Staff Principal Software Engineer for the {_LONGEST} (all genders), part-time, remote in EMEA",),
    companies=(f"{_LONGEST} Holding",),
    places=(f"{_LONGEST}, {_LONGEST}",),
    spare=" ",
)
PLAIN = Words(
    word="Kubernetes",
    token="https://careers.example.com/jobs/4711",
    said="The page stood still for two minutes, and then the review was gone.",
    why="The form wants a picture puzzle solved.",
    asks="When could you start?",
    number="NP-2026-00417",
    reason="Lunch",
    file="jane-roe",
    skills=("Python", "PostgreSQL", "Kafka", "AWS"),
    names=("Sue Park", "Omar Haddad", "Jane Roe", "Nia Campbell", "Ada King", "Ben Osei", "Carla Ruiz", "Dev Patel",
           "Emi Sato", "Finn Berg", "Grace Lim", "Hugo Weiss", "Ines Costa", "Jon Vik"),
    titles=("Senior Backend Engineer", "Platform Engineer", "Data Engineer, Payments", "Python Developer",
            "Staff Site Reliability Engineer", "Engineering Manager, Risk", "Database Engineer",
            "Machine Learning Engineer", "Backend Engineer, Ledger", "Integration Engineer"),
    companies=("Northwind Payments", "Contoso Freight", "Fabrikam Health", "Tailspin Air", "Litware Robotics",
               "Adventure Cycles", "Lamna Energy"),
    places=("London", "Remote, Europe", "Manchester", "Berlin", "Leeds, hybrid"),
)  # fmt: skip
