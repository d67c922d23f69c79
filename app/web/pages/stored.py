"""Sentences that machines wrote down in English, so that a page can say them in another language. Pure.

Each stands here as the message that it was made of, the resume's ones also as they are said to its owner
(verdict.voiced). What isn't among them is shown as it was stored.
"""

from __future__ import annotations

from typing import Final

from app.words import later, retold

# What holds a score (bots/match/limits.py), without the full stop.
NOTES: Final = (
    later("The posting says too little to be sure"),
    later("The resume lists skills but shows no work with them"),
    later("Your resume lists skills but shows no work with them"),
    later("The resume names no position with its dates"),
    later("Your resume names no position with its dates"),
    later("The resume's file holds skills in text that nobody can see"),
    later("Your resume's file holds skills in text that nobody can see"),
    later("The resume repeats the posting's own sentences"),
    later("Your resume repeats the posting's own sentences"),
    later("The resume shows less than half of the years asked for"),
    later("Your resume shows less than half of the years asked for"),
    later("The position that fits best ended %(years)s years ago, and the titles since are of other work"),
    later("The positions held are of another occupation"),
    later("The positions you held are of another occupation"),
    later("%(skill)s is required and the resume doesn't show it"),
    later("%(skill)s is required and your resume doesn't show it"),
    later("The posting is in %(language)s and the resume shows no %(language)s"),
    later("The posting is in %(language)s and your resume shows no %(language)s"),
    later("The position is two levels or more above those that were held"),
    later("The position is two levels or more above those you held"),
    later("The position is two levels or more below those that were held"),
    later("The position is two levels or more below those you held"),
)
# What would raise a part of a score (bots/match/reasons.py).
RAISED: Final = (
    later("Show work that fits %(position)s."),
    later("Show work with %(skills)s."),
    later("Say what answers “%(line)s”."),
    later("Show the work behind %(skills)s: so far only listed."),
    later("Tell of work like “%(line)s”, if there was any."),
    later("Tell of work like “%(line)s”, if you did any."),
    later("Name a position closer to this title, if one was held."),
    later("Name a position closer to this title, if you held one."),
    later("The positions held are above this one: say why it is wanted."),
    later("The positions you held are above this one: say why you want it."),
    later("Dates on the positions held."),
    later("Dates on the positions you held."),
    later("%(n)s more years in related work."),
    later("%(n)s more years in related work, or a word on how the other positions were like it."),
    later("%(n)s more years in related work, or a word on how your other positions were like it."),
    later("%(n)s more year in related work."),
    later("%(n)s more year in related work, or a word on how the other positions were like it."),
    later("%(n)s more year in related work, or a word on how your other positions were like it."),
    later("Name %(degree)s, if there is one."),
    later("Name %(degree)s, if you have one."),
    later("Name %(languages)s, if it is spoken."),
    later("Name %(languages)s, if you speak it."),
    later("Name %(languages)s, if they are spoken."),
    later("Name %(languages)s, if you speak them."),
)
# What is asked for and told, where that is in words of ours (bots/match/reasons.py).
TOLD: Final = (
    later("%(years)s years of experience"),
    later("1 year of experience"),
    later("No position has dates."),
    later("No position is named."),
    later("%(years)s years, all in related positions"),
    later("1 year, all in related positions"),
    later("None in related positions, %(whole)s in all"),
    later("%(years)s in related positions, %(whole)s in all"),
    later("%(skill)s is listed, but no work shows it."),
    later("%(skills)s are listed, but no work shows them."),
    later("%(degree)s, or experience in its place"),
    later("A school-leaving certificate"),
    later("A bachelor's degree"),
    later("A master's degree"),
    later("A doctorate"),
    later("No degree"),
    later("No degree is named"),
    later("Named in the resume"),
    later("Named in your resume"),
    later("The resume is written in it"),
    later("Your resume is written in it"),
    later("Not named"),
)
# The seeker's own limits (bots/match/policy.py).
FILTERS: Final = (
    later("You excluded %(employer)s."),
    later("You want remote work; this is on site."),
    later("You don't want remote work; this is remote."),
    later("This is in %(place)s; you want %(places)s."),
    later("It pays at most %(pay)s a year; you want %(floor)s."),
    later("You must be allowed to work in %(countries)s; you may work in %(own)s."),
    later("It sponsors no visa; you need a sponsor."),
    later("This is %(kind)s; you want %(own)s."),
)
# What the timeline notes, and what a card or a review says of an attempt (applications/, bots/apply/).
TIMELINE: Final = (
    later("Approved for the bot"),
    later("Approved by a reviewer"),
    later("The reviewer answered"),
    later("The reviewer decided against applying"),
    later("The seeker is asked"),
    later("The reviewer has a question"),
    later("Sent, says the reviewer"),
    later("Answered"),
    later("Started by the seeker"),
    later("Taken up again"),
    later("Asked by the seeker"),
    later("Withdrawn"),
    later("Withdrawal taken back"),
    later("Confirmed by the employer's page"),
    later("Confirmed: %(number)s"),
    later("It was sent before"),
    later("The posting was closed before the application was sent"),
    later("Find out whether this application arrived"),
    later("Send it by hand"),
    later("The form asks for an answer"),
    later("The form asks for %(n)s answers"),
    later("Another application for this vacancy exists"),
    later("We couldn't finish this application. Open the posting to see how it stands."),
)
# How far the bot has come.
PHASES: Final = (
    later("Opening the form"),
    later("Filling page %(page)s of %(pages)s, reading back…"),
    later("Filling page %(page)s, reading back…"),
    later("Sending"),
    later("Waiting for the confirmation"),
)
# Why the bot handed an application over.
STOPPED: Final = (
    later("This was a rehearsal: everything was filled in and read back, and nothing was sent."),
    later(
        "This was a rehearsal: everything was filled in and read back, and nothing was sent. "
        "The form has further pages, which a rehearsal doesn't reach."
    ),
    later("The bot can't work this page: %(why)s"),
    later("The form wants what a bot has not got. %(why)s"),
    later("The browser was lost: %(why)s."),
    later("The browser was lost after sending: %(why)s."),
)
# Why a strike was voided by itself (dispatch/reckon.py).
VOIDED: Final = (later("A part of ours was down when it ended."),)
# Values within these sentences that are words of ours.
WITHIN: Final = (
    later("a junior position"),
    later("a position past the junior level"),
    later("a senior position"),
    later("a lead's or manager's position"),
    later("a director's position"),
    later("a school-leaving certificate"),
    later("a bachelor's degree"),
    later("a master's degree"),
    later("a doctorate"),
    later("full-time work"),
    later("part-time work"),
    later("a contract for a time"),
    later("an internship"),
    later("temporary work"),
)


def note(text: str) -> str:
    return retold(text, NOTES)


def raised(text: str) -> str:
    return retold(text, RAISED)


def told(text: str) -> str:
    return retold(text, TOLD)


def filtered(text: str) -> str:
    return retold(text, FILTERS)


def noted(text: str) -> str:
    """A note of the timeline, or a title that the bot gave: people write such notes as well, and theirs stay theirs."""
    return retold(text, TIMELINE)


def phase(text: str) -> str:
    return retold(text, PHASES)


def voided(text: str) -> str:
    return retold(text, VOIDED)


def stopped(text: str) -> str:
    return retold(text, STOPPED)
