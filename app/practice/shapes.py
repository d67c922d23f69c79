"""Our postings in the words of the three public APIs. Pure; shapes follow the boards' recorded answers."""

import html
from datetime import datetime
from typing import Any

from app.practice.model import Pay, Posting, Question, about_html, description_plain, list_items, pay_text, sections
from app.practice.questions import questions_of

Json = dict[str, Any]
EMPLOYMENT_ASHBY = {
    "Full-time": "FullTime", "Part-time": "PartTime", "Contract": "Contract", "Temporary": "Temporary",
}  # fmt: skip
API_TYPES = {
    "textarea": "textarea", "file": "input_file", "select": "multi_value_single_select",
    "radio": "multi_value_single_select", "checkbox": "multi_value_single_select",
    "checkboxes": "multi_value_multi_select",
}  # fmt: skip


def greenhouse_job(posting: Posting, origin: str, *, content: bool) -> Json:
    """One entry of `/jobs`; `content` is HTML that was escaped once more, as Greenhouse sends it."""
    vacancy = posting.vacancy
    shown: Json = {
        "absolute_url": origin + posting.path,
        "data_compliance": [_compliance()],
        "internal_job_id": int(posting.id) - 1_000_000_000,
        "location": {"name": vacancy.location},
        "metadata": [
            _metadata("Location Type", vacancy.workplace.capitalize(), 1),
            _metadata("Employment Type", vacancy.employment, 2),
        ],
        "id": int(posting.id),
        "updated_at": posting.updated,
        "requisition_id": f"{posting.employer.prefix}-{int(posting.id) % 10_000:04}",
        "company_name": posting.employer.name,
        "first_published": f"{vacancy.posted}T09:00:00+00:00",
        "language": "en",
        "application_deadline": None,
    }
    if posting.title is not None:
        shown["title"] = posting.title
    if content:
        shown |= {"content": html.escape(posting.description_html), "departments": [_department(posting)],
                  "offices": [_office(posting)]}  # fmt: skip
    return shown


def greenhouse_detail(posting: Posting, origin: str, *, questions: bool, pay: bool) -> Json:
    """One posting of `/jobs/{id}`, with the form's schema and the pay range where they are asked for."""
    shown = greenhouse_job(posting, origin, content=True)
    if questions:
        every = questions_of(posting)
        shown["questions"] = [_question(q) for q in every if q.name != "location"]
        shown["location_questions"] = [_question(q) for q in every if q.name == "location"]
        shown |= {"compliance": None, "demographic_questions": None}
    if pay and posting.vacancy.pay:
        shown["pay_input_ranges"] = [_pay_range(posting.vacancy.pay)]
    return shown


def _compliance() -> Json:
    return {"type": "gdpr", "requires_consent": False, "requires_processing_consent": False,
            "requires_retention_consent": False, "retention_period": None,
            "demographic_data_consent_applies": False}  # fmt: skip


def _metadata(name: str, value: str, number: int) -> Json:
    return {"id": 4_095_000 + number, "name": name, "value": value, "value_type": "single_select"}


def _department(posting: Posting) -> Json:
    number = sum(posting.vacancy.department.encode()) + 4_000_000
    return {"id": number, "name": posting.vacancy.department, "child_ids": [], "parent_id": None}


def _office(posting: Posting) -> Json:
    place = posting.vacancy.location
    return {"id": sum(place.encode()) + 4_050_000, "name": place, "location": place, "child_ids": [],
            "parent_id": None}  # fmt: skip


def _pay_range(pay: Pay) -> Json:
    return {"min_cents": pay.low * 100, "max_cents": pay.high * 100, "currency_type": pay.currency,
            "title": f"Pay per {pay.interval}", "blurb": f"<p>{pay_text(pay)}</p>"}  # fmt: skip


def _question(question: Question) -> Json:
    kind = API_TYPES.get(question.kind, "input_text")
    values = [{"label": option.label, "value": option.value} for option in question.options]
    return {
        "description": question.hint or None, "label": question.label, "required": question.required,
        "fields": [{"name": question.name, "type": kind, "values": values}],
    }  # fmt: skip


def lever_posting(posting: Posting, origin: str) -> Json:
    """One entry of Lever's list; times are milliseconds, the lists carry bare `<li>` elements."""
    vacancy, employer = posting.vacancy, posting.employer
    about = posting.before_html + about_html(vacancy)
    closing = f"<div>{html.escape(employer.about)}</div>{posting.after_html}"
    shown: Json = {
        "additionalPlain": employer.about, "additional": closing,
        "categories": {
            "commitment": vacancy.employment, "department": vacancy.department, "location": vacancy.location,
            "team": vacancy.department, "allLocations": [vacancy.location],
        },
        "createdAt": int(datetime.fromisoformat(f"{vacancy.posted}T09:00:00+00:00").timestamp() * 1000),
        "descriptionPlain": vacancy.about, "description": about,
        "id": posting.id,
        "lists": [{"text": head, "content": list_items(items)} for head, items in sections(vacancy, employer)],
        "country": vacancy.country, "workplaceType": _lever_workplace(vacancy.workplace),
        "opening": "", "openingPlain": "", "descriptionBody": about, "descriptionBodyPlain": vacancy.about,
        "hostedUrl": origin + posting.path, "applyUrl": f"{origin}{posting.path}/apply",
    }  # fmt: skip
    if posting.title is not None:
        shown["text"] = posting.title
    if vacancy.pay:
        shown["salaryRange"] = _lever_pay(vacancy.pay)
    return shown


def _lever_workplace(workplace: str) -> str:
    return {"on-site": "onsite"}.get(workplace, workplace)


def _lever_pay(pay: Pay) -> Json:
    unit = {"year": "per-year-salary", "month": "per-month-salary", "hour": "per-hour-wage"}[pay.interval]
    return {"min": pay.low, "max": pay.high, "currency": pay.currency, "interval": unit}


def ashby_job(posting: Posting, origin: str, *, compensation: bool) -> Json:
    """One entry of Ashby's `jobs`; `compensation` only where it was asked for."""
    vacancy = posting.vacancy
    place = vacancy.location.split(",")[0].removeprefix("Remote - ")
    shown: Json = {
        "id": posting.id, "department": vacancy.department, "team": vacancy.department,
        "employmentType": EMPLOYMENT_ASHBY[vacancy.employment], "location": vacancy.location,
        "shouldDisplayCompensationOnJobPostings": vacancy.pay is not None, "secondaryLocations": [],
        "publishedAt": f"{vacancy.posted}T09:00:00.000+00:00", "isListed": True,
        "isRemote": vacancy.workplace == "remote", "workplaceType": _ashby_workplace(vacancy.workplace),
        "address": {"postalAddress": {"addressCountry": vacancy.country, "addressLocality": place}},
        "jobUrl": origin + posting.path, "applyUrl": f"{origin}{posting.path}/apply",
        "descriptionHtml": posting.description_html,
        "descriptionPlain": description_plain(vacancy, posting.employer),
    }  # fmt: skip
    if posting.title is not None:
        shown["title"] = posting.title
    if compensation:
        shown["compensation"] = _ashby_pay(posting, vacancy.pay)
    return shown


def _ashby_workplace(workplace: str) -> str:
    return {"on-site": "OnSite", "hybrid": "Hybrid", "remote": "Remote"}[workplace]


def _ashby_pay(posting: Posting, pay: Pay | None) -> Json:
    if pay is None:
        return {"compensationTierSummary": None, "scrapeableCompensationSalarySummary": None,
                "compensationTiers": [], "summaryComponents": []}  # fmt: skip
    text = f"{pay.currency} {pay.low:,} – {pay.high:,}"
    part = {"compensationType": "Salary", "interval": f"1 {pay.interval.upper()}", "currencyCode": pay.currency,
            "minValue": pay.low, "maxValue": pay.high}  # fmt: skip
    tier = {"id": posting.id, "tierSummary": text, "title": posting.vacancy.location, "additionalInformation": None,
            "components": [part | {"id": posting.id, "summary": text}]}  # fmt: skip
    return {"compensationTierSummary": text, "scrapeableCompensationSalarySummary": text.replace("–", "-"),
            "compensationTiers": [tier], "summaryComponents": [part]}  # fmt: skip


def json_ld(posting: Posting, origin: str) -> Json:
    """schema.org `JobPosting` for the job page."""
    vacancy = posting.vacancy
    shown: Json = {
        "@context": "https://schema.org/", "@type": "JobPosting",
        "title": posting.title or "", "description": posting.description_html,
        "identifier": {"@type": "PropertyValue", "name": posting.employer.name, "value": posting.id},
        "datePosted": str(vacancy.posted), "url": origin + posting.path, "directApply": True,
        "employmentType": vacancy.employment.upper().replace("-", "_"),
        "hiringOrganization": {
            "@type": "Organization", "name": posting.employer.name, "sameAs": f"{origin}/{posting.ats}/{posting.token}",
        },
        "jobLocation": {"@type": "Place", "address": {
            "@type": "PostalAddress", "addressLocality": vacancy.location, "addressCountry": vacancy.country,
        }},
    }  # fmt: skip
    if vacancy.workplace == "remote":
        shown["jobLocationType"] = "TELECOMMUTE"
        shown["applicantLocationRequirements"] = {"@type": "Country", "name": vacancy.country}
    if vacancy.pay:
        shown["baseSalary"] = _ld_pay(vacancy.pay)
    return shown


def _ld_pay(pay: Pay) -> Json:
    value = {"@type": "QuantitativeValue", "minValue": pay.low, "maxValue": pay.high,
             "unitText": pay.interval.upper()}  # fmt: skip
    return {"@type": "MonetaryAmount", "currency": pay.currency, "value": value}
