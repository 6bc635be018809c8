from __future__ import annotations

import json
import math
import re
from dataclasses import FrozenInstanceError, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cevns
from cevns import Experiment, FitResult, InputError, LimitResult
from cevns.results import IntervalResult, rounded, version

NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
POSITIVE = st.floats(1e-300, 1e300)
NAMES = st.text(min_size=1, max_size=20)
BY_NAME = st.dictionaries(NAMES, NUMBERS, max_size=5)

COMMON = {
    "model": NAMES,
    "experiments": st.lists(NAMES, min_size=1, max_size=3).map(tuple),
    "ndata": st.integers(1),
    "version": NAMES,
}
AT_A_LEVEL = {
    "parameter": NAMES,
    "cl": NUMBERS,
    "dof": st.integers(1, 10),
    "delta_chi2": NUMBERS,
    "best_fit": NUMBERS,
    "chi2_min": NUMBERS,
}
LIMITS = st.builds(
    LimitResult,
    **COMMON,
    **AT_A_LEVEL,
    mass_MeV=st.none() | POSITIVE,
    upper_limit=NUMBERS,
    outer_limit=NUMBERS,
    crossings=st.lists(NUMBERS, max_size=5).map(tuple),
)
FITS = st.builds(FitResult, **COMMON, fixed=BY_NAME, values=BY_NAME, errors=BY_NAME, chi2=NUMBERS, valid=st.booleans())
INTERVALS = st.builds(
    IntervalResult,
    **COMMON,
    **AT_A_LEVEL,
    unit=st.text(max_size=5),
    fixed=BY_NAME,
    intervals=st.lists(st.tuples(NUMBERS, NUMBERS), max_size=3).map(tuple),
)
RECORDS = LIMITS | FITS | INTERVALS


@pytest.fixture(scope="module")
def limit(csi: Experiment, lar: Experiment) -> LimitResult:
    return cevns.limits("universal", [csi, lar], mass=1e4)[0]


@pytest.fixture(scope="module")
def fit(csi: Experiment) -> FitResult:
    return cevns.fit("b-l", csi, mass=10.0)


@given(RECORDS)
def test_json_keeps_every_digit(record: LimitResult | FitResult | IntervalResult) -> None:
    again = type(record).from_json(record.to_json())
    assert again == record
    assert type(record).from_dict(record.to_dict()) == record
    assert again.to_json() == record.to_json()


def test_round_trip_of_real_results(limit: LimitResult, fit: FitResult) -> None:
    assert LimitResult.from_json(limit.to_json()) == limit
    assert FitResult.from_json(fit.to_json()) == fit
    assert isinstance(LimitResult.from_json(limit.to_json()).crossings, tuple)


def test_keys_of_a_limit(limit: LimitResult) -> None:
    """Scripts depend on them."""
    assert list(json.loads(limit.to_json())) == [
        "model",
        "experiments",
        "parameter",
        "mass_MeV",
        "cl",
        "dof",
        "delta_chi2",
        "upper_limit",
        "outer_limit",
        "crossings",
        "best_fit",
        "chi2_min",
        "ndata",
        "version",
    ]


def test_keys_of_a_fit(fit: FitResult) -> None:
    assert list(json.loads(fit.to_json())) == [
        "model",
        "experiments",
        "fixed",
        "values",
        "errors",
        "chi2",
        "ndata",
        "valid",
        "version",
    ]


@pytest.mark.parametrize("number", [math.nan, math.inf])
def test_numbers_that_json_lacks_are_refused(limit: LimitResult, number: float) -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        replace(limit, chi2_min=number).to_json()


def test_unknown_and_missing_keys_are_refused(limit: LimitResult, fit: FitResult) -> None:
    for record in (limit, fit):
        with pytest.raises(InputError, match=r"record: got .*'luminosity'.*; allowed: one of: .*chi2"):
            type(record).from_dict({**record.to_dict(), "luminosity": 1.0})
        without = {key: value for key, value in record.to_dict().items() if key != "version"}
        with pytest.raises(InputError, match=r"record: got .*; allowed: .*version"):
            type(record).from_dict(without)
    with pytest.raises(InputError):
        FitResult.from_json(limit.to_json())


def test_results_cannot_be_changed(limit: LimitResult) -> None:
    with pytest.raises(FrozenInstanceError):
        limit.upper_limit = 1.0


def test_provenance(limit: LimitResult, fit: FitResult) -> None:
    assert limit.version == fit.version == version() == cevns.__version__
    assert limit.experiments == ("coherent-csi-2021", "coherent-lar-2020")
    assert (limit.parameter, limit.mass_MeV, limit.cl, limit.dof) == ("g", 1e4, 0.9545, 2)


def test_contact_limit_is_per_gev(limit: LimitResult) -> None:
    assert limit.contact_limit == pytest.approx(limit.upper_limit / 10.0, rel=1e-12)
    assert replace(limit, mass_MeV=None).contact_limit is None


def test_limit_in_words(limit: LimitResult) -> None:
    text = str(limit)
    lines = dict(line.split("  ", 1) for line in text.splitlines())
    assert lines["model"].strip() == "universal"
    assert lines["mass"].strip() == "10000 MeV"
    assert lines["g <"].strip() == f"{limit.upper_limit:.4g}  (95.45 % CL, 2 dof)"
    assert lines["crossings"].count(",") == len(limit.crossings) - 1
    assert lines["chi2/bins"].strip() == f"{limit.chi2_min:.2f}/219"
    # Values are aligned.
    values = [text_line.index(lines[text_line.split("  ", 1)[0]].strip()) for text_line in text.splitlines()]
    assert len(set(values)) == 1
    assert "mass" not in str(replace(limit, mass_MeV=None))


def test_fit_in_words(fit: FitResult) -> None:
    text = str(fit)
    assert "10 (fixed)" in text
    assert rounded(fit.values["g"], fit.errors["g"]) in text
    assert re.search(rf"chi2/bins +{fit.chi2:.2f}/99\n", text)
    assert all(name in text for name in fit.values)


@given(RECORDS)
def test_every_record_prints(record: LimitResult | FitResult | IntervalResult) -> None:
    if isinstance(record, FitResult):
        record = replace(record, errors=dict.fromkeys(record.values, 0.1))
    assert record.model in str(record)
    page = record._repr_html_()
    assert page.startswith("<table><tr><th>model</th>")
    assert page.count("<tr>") == page.count("</tr>") == len(record.lines())


def test_html_is_escaped(limit: LimitResult) -> None:
    page = replace(limit, model="<script>g & h</script>")._repr_html_()
    assert "<script>" not in page
    assert "&lt;script&gt;g &amp; h&lt;/script&gt;" in page
    assert "<th>g &lt;</th>" in page


def test_interval_in_words() -> None:
    record = IntervalResult(
        *("nsi", ("one", "two"), "eps", "", {"mass": 10.0}, 0.9, 1, 2.71, ((-0.5, 0.25), (1.0, 2.0)), 0.1, 80.0, 99),
        version="1",
    )
    assert "[-0.5, 0.25] or [1, 2]  (90 % CL, 1 dof)" in str(record)
    assert "mass         10 (fixed)" in str(record)
    assert "[-0.5, 0.25] cm^2" in str(replace(record, unit="cm^2"))


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        # The three examples of the Review of Particle Physics, section 5.3 of its introduction.
        (0.827, 0.119, "0.83 +- 0.12"),
        (0.827, 0.367, "0.8 +- 0.4"),
        (5.678, 0.98, "5.7 +- 1.0"),
        # The borders 354/355 and 949/950.
        (0.827, 0.0354, "0.827 +- 0.035"),
        (0.827, 0.0355, "0.83 +- 0.04"),
        (0.827, 0.0949, "0.83 +- 0.09"),
        (0.827, 0.0951, "0.83 +- 0.10"),
        (5.0, 9.996, "5 +- 10"),
        # Far from one.
        (1.4127e-5, 2.243e-5, "(1.4 +- 2.2)e-05"),
        (1.4127e-5, 9.8e-6, "(1.4 +- 1.0)e-05"),
        (0.0, 1.2e-9, "(0.0 +- 1.2)e-09"),
        (-3.2e-31, 4.6e-32, "(-3.2 +- 0.5)e-31"),
        # Digits before the point are rounded as well.
        (1234.5, 119.0, "1230 +- 120"),
        (1234.5, 367.0, "1200 +- 400"),
        (12.0, 99.6, "10 +- 100"),
        # No error to go by.
        (0.82712345, 0.0, "0.8271"),
        (0.82712345, math.inf, "0.8271"),
        (0.82712345, math.nan, "0.8271"),
    ],
)
def test_rounding(value: float, error: float, text: str) -> None:
    assert rounded(value, error) == text


@given(st.floats(-1e3, 1e3), st.floats(1e-4, 9.0), st.integers(-30, 0))
def test_rounded_numbers_are_close(value: float, error: float, power: int) -> None:
    """What is printed is the error to 10 % or better (0.95..1.05 for 0.98), and the value to a fifth of the error."""
    unit = 10.0**power
    match = re.fullmatch(r"\(?(\S+) \+- ([^)\s]+)\)?(e\S+)?", rounded(value * unit, error * unit))
    assert match is not None
    scale = float("1" + (match[3] or "e0"))
    printed_value, printed_error = float(match[1]) * scale, float(match[2]) * scale
    # One digit is kept from 0.355, which is printed as 0.4: 13 %.
    assert printed_error == pytest.approx(error * unit, rel=0.13)
    assert abs(printed_value - value * unit) <= 0.15 * error * unit
    digits = match[2].replace(".", "").lstrip("0")
    assert 1 <= len(digits) <= 2
