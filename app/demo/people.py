"""The people of the demo. Their passwords are public, so they exist on loopback only."""

from __future__ import annotations

import msgspec

PASSWORD = "rank and file 2026"  # noqa: S105 - printed at every start, refused anywhere but on loopback
DOMAIN = "demo.cabrank.example"


class Person(msgspec.Struct, frozen=True):
    """One sign-in; all share the password."""

    login: str
    name: str
    role: str
    capacity: int = 1
    skills: tuple[str, ...] = ()

    @property
    def email(self) -> str:
        return f"{self.login}@{DOMAIN}"


PEOPLE = (
    Person("jane", "Jane Roe", "seeker"),
    Person("maria", "Maria Lind", "seeker"),
    Person("emil", "Emil Novak", "employee", capacity=2, skills=("software", "data")),
    Person("ada", "Ada Okafor", "employee", capacity=1, skills=("software",)),
    Person("mei", "Mei Tanaka", "employee", capacity=1, skills=("finance", "people")),
    Person("sam", "Sam Whitfield", "supervisor"),
    Person("olga", "Olga Brandt", "operator"),
)
WHERE = {
    "seeker": "matches and applications",
    "employee": "the review console",
    "supervisor": "the board",
    "operator": "sources and operations",
}


def sign_ins(address: str) -> list[str]:
    """The lines that tell a person at the terminal where and how to sign in."""
    lines = [f"Sign in at {address} with the password: {PASSWORD}"]
    return lines + [f"  {person.email:<28} {person.role:<10} {WHERE[person.role]}" for person in PEOPLE]
