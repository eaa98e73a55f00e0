"""What somebody can be reached by is found, and dates, figures and names of products are not taken for it."""

from __future__ import annotations

import time

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from parley_text.contact import ALL, PERSONAL, REACHABLE, contacts, has_contact, without
from parley_text.phones import phones
from phonenumbers import PhoneNumberFormat, PhoneNumberType


def found(text: str, **how: bool) -> list[str]:
    return [text[start:end] for start, end in phones(text, **how)]


ANYWHERE = [
    "+1 (555) 123-4567",
    "+1-800-555-0199 ext. 12",
    "(555) 123-4567",
    "555-123-4567",
    "312.555.0148",
    "+44 20 7946 0958",
    "+44 (0)7700 900123",
    "020 7946 0958",
    "+49 170 1234567",
    "(+49) 170 1234567",
    "0170 / 123 45 67",
    "0711/555-0123",
    "(030) 123456-78",
    "00 49 30 901820",
    "0031 6 12345678",
    "01 23 45 67 89",
    "01.23.45.67.89",
    "+34 612 345 678",
    "138-1234-5678",
    "138 0013 8000",
    "13812345678",
    "98765 43210",
    "090-1234-5678",
    "8 (916) 555-01-23",
    "(11) 91234-5678",
    "+४४ २० ७९४६ ०९५८",
]
WHERE_IT_MATTERS = ["5551234567", "555-0132", "612 345 678", "91 234 56 78", "70123456"]
NEVER = [
    "2015 - 2020",
    "(2015 – 2020)",
    "01/2019 - 05/2021",
    "06/2022 – 2024, 01.2019 - 12.2020",
    "01.02.2015 – 31.03.2020",
    "von 01.02.15 - 31.03.20",
    "2018-01-02 - 2020-03-04",
    "2010-2015 2016-2020",
    "2013 2014 2015",
    "2019年4月 - 2021年3月",
    "1 000 000 000 requests",
    "1.000.000.000 Anfragen",
    "+1 000 000 users, +1 000 000 000 rows",
    "12 500 000 €",
    "₹12,50,00,000, $1,250,000.50",
    "$ 1 250 000 - 2 500 000",
    "from 1500000 to 2500000 users",
    "612 345 678 rows",
    "99.999 % of 86 400 seconds",
    "3 x 1024 x 768",
    "ISO 9001 2015, ISO 27001:2013, IEC 61508",
    "192.168.100.200 and 10.0.0.12",
    "invoice 2020-123456",
    "build 20231104, order 4711 0815",
    "0 1 2 3 4 5 6 7 8 9",
]


@pytest.mark.parametrize("number", ANYWHERE)
def test_what_can_only_be_a_number_of_a_telephone_is_found_anywhere(number: str) -> None:
    for text in (number, f"Jane Doe, {number}\nEngineer 2015 - 2020", f"{number} 2015 - 2020", f"电话{number}"):
        assert found(text) == [number], text


@pytest.mark.parametrize("number", WHERE_IT_MATTERS)
def test_what_may_be_a_figure_is_found_behind_a_label_and_where_every_number_is_one(number: str) -> None:
    assert found(f"{number} of them") == []
    assert found(f"{number}, Berlin", everywhere=True) == [number]
    labels = ("Tel. ", "Phone no.: ", "Mobile (private): ", "Móvil/Mobil: ", "Fax:", "手机:", "☎ ", "тел.: ", "फ़ोन: ")
    for label in labels:
        assert found(f"Berlin {label}{number}") == [number], label


@pytest.mark.parametrize("text", NEVER)
def test_dates_and_figures_are_no_numbers_of_telephones(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize("text", NEVER[:10])
def test_dates_are_none_even_where_every_number_is_one(text: str) -> None:
    assert found(text, everywhere=True) == [] and found(f"Tel. {text}") == []


@pytest.mark.parametrize("region", ["US", "GB", "DE", "FR", "ES", "IT", "IN", "CN", "JP", "KR", "BR", "RU", "PL", "NG"])
@pytest.mark.parametrize("kind", [PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE])
def test_numbers_of_many_countries_are_found(region: str, kind: int) -> None:
    number = phonenumbers.example_number_for_type(region, kind)
    international = phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)
    assert found(f"me: {international}, or not") == [international]
    national = phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)
    assert found(f"Tel. {national}") == [national] and found(national, everywhere=True) == [national]


def test_numbers_side_by_side_are_all_found() -> None:
    assert found("555-123-4567 (555) 765-4321") == ["555-123-4567", "(555) 765-4321"]
    assert found("+49 170 1234567, +49 30 1234567 / +49 30 7654321") == [
        "+49 170 1234567",
        "+49 30 1234567",
        "+49 30 7654321",
    ]
    assert found("Mr. Miller (Tel. 030 1234567), Ms. Lee (mobile +49 30 1234567).") == ["030 1234567", "+49 30 1234567"]


@pytest.mark.parametrize(
    ("text", "kind", "contact"),
    [
        ("<jane.doe+cv@example.com>,", "email", "jane.doe+cv@example.com"),
        ("mail jane (at) example (dot) com now", "email", "jane (at) example (dot) com"),
        ("jane @ example.com", "email", "jane @ example.com"),
        ("邮箱jane@example.com联系", "email", "jane@example.com"),
        ("почта@пример.рф", "email", "почта@пример.рф"),
        ("sales@localhost", "email", "sales@localhost"),
        ("at linkedin.com/in/jane-doe, or", "profile", "linkedin.com/in/jane-doe"),
        ("https://www.github.com/jo/tool", "profile", "https://www.github.com/jo/tool"),
        ("jane.github.io", "profile", "jane.github.io"),
        ("(https://acme.example/jobs)", "link", "https://acme.example/jobs"),
        ("www.example.com/a,b; or", "link", "www.example.com/a,b"),
        ("see acme.dev today", "site", "acme.dev"),
        ("Telegram: @janedoe", "profile", "Telegram: @janedoe"),
        ("write to @janedoe", "handle", "@janedoe"),
    ],
)
def test_addresses(text: str, kind: str, contact: str) -> None:
    assert [(each.kind, text[each.start : each.end]) for each in contacts(text, ALL)] == [(kind, contact)]


@pytest.mark.parametrize(
    "text",
    ["Engineer @ Acme", "Engineer @Acme", "@angular/core", "react@18.2.0", "2 @ 3", "x.dev", "Node.js", "a/b", "and@"],
)
def test_what_looks_like_an_address(text: str) -> None:
    assert not has_contact(text)


def test_callers_say_what_counts() -> None:
    text = "Write to jo@x.example, see https://acme.example/jobs and acme.dev, or call 030 1234567"
    assert [each.kind for each in contacts(text, PERSONAL)] == ["email", "phone"]
    assert [each.kind for each in contacts(text)] == ["email", "link", "phone"]
    assert without(text, contacts(text, REACHABLE), "[…]") == "Write to […], see […] and acme.dev, or call […]"


def test_a_number_in_an_address_is_part_of_it() -> None:
    text = "https://x.example/415-555-0132 415-555-0133@x.example"
    assert [each.kind for each in contacts(text)] == ["link", "email"]


@given(st.text(st.sampled_from("+0123456789 -./()@aé号:\n"), max_size=60), st.booleans())
def test_contacts_follow_each_other(text: str, everywhere: bool) -> None:
    at = 0
    for each in contacts(text, ALL, everywhere=everywhere):
        assert at <= each.start < each.end <= len(text)
        at = each.end


UNITS = ["a", "a-", "a@", "a@b.", "(", "+", "+1", "www.", "http://a.b/c,", " ", "linkedin.com ", "1", "1 ", "12 34 "]
UNITS += ["+49 170 1234567\n", "+999 170 1234567\n", "415-555-0132\n", "Tel: 612 345 678\n", "a (at) ", "号", "00 1"]


@pytest.mark.parametrize("unit", UNITS)
def test_a_long_text_is_read_quickly(unit: str) -> None:
    began = time.thread_time()
    contacts(unit * (200_000 // len(unit)), ALL)
    assert time.thread_time() - began < 5, "a lookup of each of 12,500 numbers takes longest"
