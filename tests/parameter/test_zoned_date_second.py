"""Times with their zone, to the second."""

from __future__ import annotations

import datetime as dt
import warnings

import luigi
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gokart
from gokart.errors import ParameterTypeError, ParameterValueError

TOKYO = dt.timezone(dt.timedelta(hours=9))
MOMENT = dt.datetime(2020, 2, 29, 12, 30, 1, tzinfo=TOKYO)

parameter = gokart.ZonedDateSecondParameter()
zones = st.integers(-23 * 60, 23 * 60).map(lambda minutes: dt.timezone(dt.timedelta(minutes=minutes)))


class Timed(gokart.TaskOnKart):
    time = gokart.ZonedDateSecondParameter(default=MOMENT)


@pytest.mark.parametrize(
    'text',
    [
        '2020-02-29T12:30:01+09:00',
        '2020-02-29T12:30:01+0900',
        '2020-02-29T12:30:01+09',
        '2020-02-29 12:30:01+09:00',
        '20200229T123001+0900',
        '2020-02-29T12:30:01.75+09:00',
        ' 2020-02-29T12:30:01+09:00 ',
        '2020-02-29T03:30:01Z',
        '2020-02-29T03:30:01z',
        '2020-02-28T18:00:01-09:30',
    ],
)
def test_iso_8601_parses(text):
    assert parameter.parse(text) == MOMENT


@pytest.mark.parametrize(('text', 'second'), [('2020-02-29T12:30+00:00', 0), ('2020-02-29T12:30:59Z', 59)])
def test_seconds_may_be_left_out(text, second):
    assert parameter.parse(text) == dt.datetime(2020, 2, 29, 12, 30, second, tzinfo=dt.timezone.utc)


@settings(derandomize=True, max_examples=50, deadline=None)
@given(st.datetimes(timezones=zones, allow_imaginary=False))
def test_text_parses_to_the_same_moment_and_text(value):
    value = parameter.normalize(value)
    text = parameter.serialize(value)
    assert parameter.parse(text) == value
    assert parameter.serialize(parameter.parse(text)) == text


@pytest.mark.parametrize(
    'text', ['', 'now', '2020-02-30T00:00:00Z', '2020-02-29T25:00:00Z', '2020-02-29T12:30:01+99:00', '29.2.2020', None]
)
def test_other_texts_are_refused(text):
    with pytest.raises(ParameterValueError, match=r'ZonedDateSecondParameter.*2020-02-29T12:30:01\+09:00'):
        parameter.parse(text)


@pytest.mark.parametrize('text', ['2020-02-29T12:30:01', '2020-02-29', '2020-02-29T123001'])
def test_text_without_zone_warns(text):
    with pytest.warns(UserWarning, match='no time zone'):
        assert parameter.parse(text).tzinfo is None


def test_time_without_zone_in_code_warns():
    with pytest.warns(UserWarning, match="'time'.*no time zone"):
        Timed(time=dt.datetime(2020, 1, 1))


def test_time_with_zone_warns_of_nothing():
    with warnings.catch_warnings():
        warnings.simplefilter('error')
        parameter.parse('2020-02-29T12:30:01Z')
        Timed()


def test_fractions_of_a_second_are_dropped():
    assert Timed(time=MOMENT.replace(microsecond=999_999)).time == MOMENT


@pytest.mark.parametrize('value', [None, '2020-02-29T12:30:01Z', dt.date(2020, 2, 29), 0])
def test_value_that_is_no_datetime_is_a_type_error(value):
    with pytest.raises(ParameterTypeError, match=r"'time' \(ZonedDateSecondParameter\) takes a datetime"):
        Timed(time=value)


def test_one_moment_in_two_zones_is_two_tasks():
    """They have two ids, so the first one made must not stand for both."""
    utc = Timed(time=MOMENT.astimezone(dt.timezone.utc))
    assert utc.to_str_params(only_significant=True)['time'] == '2020-02-29T03:30:01+00:00'
    assert Timed(time=MOMENT).to_str_params(only_significant=True)['time'] == '2020-02-29T12:30:01+09:00'


def test_optional_parameter_of_luigi_can_be_mixed_in():
    class OptionalTime(luigi.parameter.OptionalParameterMixin, gokart.ZonedDateSecondParameter):
        expected_type = dt.datetime

    class MaybeTimed(luigi.Task):
        time = OptionalTime()

    assert MaybeTimed().time is None
    assert MaybeTimed(time=MOMENT).to_str_params() == {'time': '2020-02-29T12:30:01+09:00'}
