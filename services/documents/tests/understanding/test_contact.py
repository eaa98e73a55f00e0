"""What tells who somebody is goes; everything else stays as it was written."""

from __future__ import annotations

import pytest
from documents.understanding import without_contact
from understanding_cases import parsed

BODY = """Profile
Jane likes Python.
Experience
Nurse, Acme Hospital, 2019 - Present
- Treated 40 patients a day
Personal Details
Father's Name: Ram Doe
Date of Birth: 1 May 1990
Languages Known: English, Hindi
Marital Status: Single"""


def left_of(text: str) -> str:
    return without_contact(parsed(text)).text


@pytest.mark.parametrize(
    "head",
    [
        "Name: Jane Doe Email: jane@x.com Phone: +1 212 555 0132",
        "Jane Doe, 12 Elm St, Springfield, jane@x.com",
        "RESUME OF JANE DOE",
        "Resume - Jane Doe",
        "Jane Doe's Resume",
        "CV Jane Doe",
        "Jane Doe | Product Manager",
        "Product Manager – Jane Doe",
        "Jane Doe (she/her)",
        "Jane Doe\nAddress 12 Elm Street\nDOB 01/02/1990\nPhone 555 123 4567",
        "Jane Doe\njane.doe@example.com 415.555.0132 San Francisco CA",
        "Name\tJane Doe\nDate of birth\t01.02.1990\nAddress\tElm Street 5, Springfield\nTelephone\t0171 5550132",
        "Jane Doe\njane (at) example (dot) com",
        "Jane Doe\nwww.janedoe.com\njanedoe.net",
        "Jane Doe\nSkype: jane.doe.live\nTelegram @janedoe",
        "Doe, Jane\nNurse",
        "JANE DOE, MBA, PMP®\nNurse",
        "Jane M. Doe\nNurse\njmdoe@x.com",
        "Dr Jane Doe MD\nPhysician",
        "Jane Doe\n44 years old, single",
        "Jane\nDoe\nNurse",
        "Nurse\nJane Doe",
        "Jane DOE\nInfirmière",
        "• Jane Doe\n• jane@x.com",
        "jane doe\nnurse\njane.doe@x.com",
        "Jane Doe\n📧 jane@x.com 📱 5551234567",
        "Jane Doe Resume 2024",
        "Candidate: Jane Doe",
    ],
)
def test_whatever_the_head_looks_like_nobody_is_known_by_it(head: str) -> None:
    left = left_of(f"{head}\n{BODY}").casefold()
    told = ("jane", "doe", "elm", "springfield", "01/02", "01.02", "555", "0132", "1990", "ram", "years old", "single")
    assert [word for word in told if word in left] == []
    assert "nurse, acme hospital, 2019 - present" in left and "languages known: english, hindi" in left


@pytest.mark.parametrize(
    "address",
    [
        *(
            "742 Evergreen Terrace, Springfield, IL 62704",
            "Keizersgracht 12, 1015 CX Amsterdam",
            "Am Markt 3, 04109 Leipzig",
        ),
        *(
            "12 Orchard Road, Bristol BS6 5QA",
            "P.O. Box 1044, Nairobi",
            "8 rue des Lilas, 69003 Lyon",
            "Calle Mayor 22, Madrid",
        ),
        *(
            "ul. Długa 15/3, 31-147 Kraków",
            "ул. Ленина, д. 5, кв. 12, Москва",
            "上海市浦东新区张江路100号",
            "〒150-0002 東京都渋谷区渋谷2-1",
        ),
        *(
            "14 गांधी मार्ग, जयपुर 302001",
            "Via Garibaldi 8, 40124 Bologna",
            "Rua Augusta, 1500, São Paulo",
            "Flat 4B, 221B Baker Street",
        ),
    ],
)
def test_postal_addresses_go(address: str) -> None:
    left = left_of(f"Jo Miller\n{address}\nNurse\nExperience\nNurse, Acme, 2019 - 2020")
    assert left.split("\n")[0] == "Nurse"


@pytest.mark.parametrize(
    "number",
    [
        *(
            "+49 160 5550142",
            "(555) 123-4567",
            "555-867-5309",
            "312.555.0148",
            "+91-98450-12345",
            "06 98 76 54 32",
            "085 555 0199",
        ),
        *(
            "0711/555-0123",
            "+44 (0)7700 900123",
            "13912345678",
            "138 0013 8000",
            "8 (916) 555-01-23",
            "00 49 30 901820",
        ),
    ],
)
def test_telephone_numbers_go_from_the_head(number: str) -> None:
    left = left_of(f"Jo Miller\n{number}\nNurse\nExperience\nNurse, Acme, 2019 - 2020")
    assert left.split("\n")[0] == "Nurse"


def test_addresses_and_numbers_go_from_the_body_too() -> None:
    line = (
        "- Ask me: jo@x.example, +44 20 7946 0018, 415-555-0132, linkedin.com/in/jo or https://github.com/jo/tool today"
    )
    left = left_of(f"Jo Miller\njo@x.example\nExperience\nNurse, Acme, 2019 - 2020\n{line}")
    assert left.rstrip().endswith("today")
    assert not any(word in left for word in ("@", "7946", "0132", "linkedin", "github"))


@pytest.mark.parametrize(
    "line",
    [
        "Handled 1,200,000,000 rows and 12 345 678 users in 2019-2021",
        "ISO 27001:2013, 10.0.0.12, USD 4 500 000, 24/7, 0.95 to 0.99",
        "06/2022 – 2024, 01.2019 - 12.2020, 2013 2014 2015",
        "Node.js, ASP.NET, socket.io and Monday.com on www.acme.example",
        "Saved $1,250,000.50 and 3 000 000 €",
        "Version 2.10.3 build 20231104, order 4711 0815",
        "May, Will and Grace were the names of our servers",
    ],
)
def test_other_numbers_dates_and_names_stay_as_they_are(line: str) -> None:
    document = parsed(f"Will Young\nwill@x.example\nExperience\nNurse, Acme, 2019 - 2020\n- {line}")
    assert line in [block.text for block in without_contact(document).blocks]


def test_the_title_and_sentences_of_the_head_stay() -> None:
    text = """Jo Miller
Data Scientist | Berlin | jo@x.example
Data scientist with 8+ years in retail, at home in Python and on stage.
Experience
Nurse, Acme, 2019 - 2020"""
    assert left_of(text).split("\n")[:2] == [
        "Data Scientist",
        "Data scientist with 8+ years in retail, at home in Python and on stage.",
    ]


def test_those_who_recommend_somebody_go_as_well() -> None:
    left = left_of("Jo Miller\nExperience\nNurse, Acme, 2019 - 2020\nReferences\nAnn Lee, CTO of Foo, ann@foo.example")
    assert "CTO of Foo" in left and "Ann" not in left


def test_a_head_beside_a_sidebar_stands_further_down() -> None:
    sidebar = "Skills\nPython, Go\nInterests\nRunning"
    left = left_of(
        f"{sidebar}\n# Jo Okonkwo\njo@x.example · Leeds\nNurse\nProfile\nKind.\nExperience\nNurse, A, 2019 - 2020"
    )
    assert "Okonkwo" not in left and "Leeds" not in left
    assert left.startswith("Skills\nPython, Go\nInterests\nRunning\nNurse")


def test_a_name_in_large_letters_goes_wherever_it_stands() -> None:
    sidebar = (
        "### Contact\njo@x.example\nLeeds\n### Skills\nPython, Go\n# Uma Okonkwo\nNurse\n### Profile\nUma is kind."
    )
    left = left_of(f"{sidebar}\n### Experience\nNurse, A, 2019 - 2020")
    assert not any(word in left for word in ("Okonkwo", "Uma", "Leeds", "jo@"))


def test_a_family_name_goes_from_publications() -> None:
    left = left_of(
        "Rahul Mehta\nExperience\nNurse, Acme, 2019 - 2020\nPublications\n- Mehta R. et al., Cheap ranking, 2023"
    )
    assert "Mehta" not in left and "Cheap ranking, 2023" in left


JOB = """Happiness Hero
About us
Acme makes rain.
Requirements
- Python
Contact: Anna Schmidt, +49 30 1234567, anna@acme.example
Please write to jobs@acme.example or call Mr. Tom Miller (030 1234567).
Apply at https://acme.example/jobs"""


def test_a_job_description_keeps_its_title_and_loses_whom_to_ask() -> None:
    left = without_contact(parsed(JOB), "job_description").text
    assert left.startswith("Happiness Hero") and "https://acme.example/jobs" in left
    assert not any(word in left for word in ("Anna", "Schmidt", "Tom", "Miller", "@", "1234567"))
    assert without_contact(parsed(JOB)).text == left


def test_a_document_without_contact_data_is_as_it_was() -> None:
    document = parsed("Nurse\nExperience\nNurse, Acme Hospital, 2019 - 2020\n- Treated 40 patients a day")
    assert without_contact(document) == document
