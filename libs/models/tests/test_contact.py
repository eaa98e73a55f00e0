"""Models are not told how to reach somebody, and are told everything else."""

from __future__ import annotations

import pytest
from models import without_contact


@pytest.mark.parametrize(
    "text",
    [
        "2015 - 2020",
        "(2015 \u2013 2020)",
        "01/2019 - 05/2021",
        "Acme, 01.02.2015 \u2013 31.03.2020, Berlin",
        "von 01.02.15 - 31.03.20",
        "2018-01-02 - 2020-03-04",
        "2019年4月 - 2021年3月",
        "1 000 000 000 requests a day",
        "1.000.000.000 Anfragen",
        "1,000,000,000 requests",
        "un budget de 12 500 000 €",
        "₹12,50,00,000 saved",
        "$ 1 250 000 - 2 500 000",
        "from 1500000 to 2500000 users",
        "612 345 678 rows",
        "99.999 % of 86 400 seconds",
        "3 x 1024 x 768",
        "ISO 9001 2015, IEC 61508",
        "192.168.100.200 and 10.0.0.1",
        "invoice 2020-123456",
    ],
)
def test_dates_and_figures_stay(text: str) -> None:
    assert without_contact(text) == text


@pytest.mark.parametrize(
    "number",
    [
        "+1 (555) 123-4567",
        "(555) 123-4567",
        "555-123-4567",
        "+44 20 7946 0958",
        "020 7946 0958",
        "+49 170 1234567",
        "0170 / 123 45 67",
        "(030) 123456-78",
        "+33 1 23 45 67 89",
        "01 23 45 67 89",
        "01.23.45.67.89",
        "+34 612 345 678",
        "+39 06 6982 1234",
        "+86 138 1234 5678",
        "138-1234-5678",
        "13812345678",
        "+91 98765 43210",
        "98765 43210",
        "+81 3-1234-5678",
        "090-1234-5678",
        "+82 10-1234-5678",
        "+55 (11) 91234-5678",
        "+48 601 234 567",
        "0031 6 12345678",
    ],
)
def test_telephone_numbers_go(number: str) -> None:
    assert without_contact(f"Jane Doe, {number}\nEngineer 2015 - 2020") == "Jane Doe, [contact]\nEngineer 2015 - 2020"


@pytest.mark.parametrize("label", ["Tel.: ", "Phone ", "Móvil/Mobil: ", "手机\uff1a", "☎ "])
def test_what_is_called_a_telephone_number_goes(label: str) -> None:
    assert without_contact(f"{label}612 345 678") == f"{label}[contact]"


@pytest.mark.parametrize("address", ["jane@example.com", "https://example.com/jane", "www.example.com"])
def test_addresses_go(address: str) -> None:
    assert without_contact(f"Jane Doe {address} Engineer") == "Jane Doe [contact] Engineer"
