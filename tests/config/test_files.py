"""Configuration files are read as a whole, or an error says where and why not."""

from __future__ import annotations

import datetime as dt
import enum
import os

import luigi
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gokart
from gokart.errors import ConfigError, ConfigFileNotFoundError
from gokart.storage.registry import storage_for


class Colour(enum.Enum):
    RED = 1


class FileSettings(luigi.Config):
    text = luigi.Parameter(default='')
    number = luigi.IntParameter(default=0)
    real = luigi.FloatParameter(default=0.0)
    flag = luigi.BoolParameter(default=False)
    explicit = gokart.ExplicitBoolParameter(default=False)
    items = luigi.ListParameter(default=[])
    mapping = luigi.DictParameter(default={})
    day = luigi.DateParameter(default=dt.date(1970, 1, 1))
    second = luigi.DateSecondParameter(default=dt.datetime(1970, 1, 1))
    zoned = gokart.ZonedDateSecondParameter(default=dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc))
    colour = luigi.EnumParameter(enum=Colour, default=Colour.RED)


@pytest.fixture
def write(tmp_path):
    def write(name, text, encoding='utf-8'):
        path = tmp_path / name
        path.write_bytes(text.encode(encoding))
        return str(path)

    return write


@pytest.mark.parametrize('name', ['a.ini', 'a.cfg', 'a.conf', 'a.INI', 'a.config', 'a'])
def test_files_of_options_are_read(write, name):
    """Names of other extensions are read like .ini, as ever."""
    gokart.add_config(write(name, '[FileSettings]\ntext=日本\nnumber = 3\n'))
    assert (FileSettings().text, FileSettings().number) == ('日本', 3)


@pytest.mark.parametrize('as_path', [str, os.fspath, lambda path: path])
def test_path_may_be_a_path_object(tmp_path, as_path):
    path = tmp_path / 'a.ini'
    path.write_text('[FileSettings]\nnumber=4\n')
    gokart.add_config(as_path(path))
    assert FileSettings().number == 4


def test_byte_order_mark_is_no_part_of_the_file(write):
    gokart.add_config(write('a.ini', '\ufeff[FileSettings]\nnumber=4\n'))
    luigi.configuration.LuigiConfigParser.reload()
    assert FileSettings().number == 4


def test_later_file_wins_and_earlier_ones_stay(write):
    gokart.add_config(write('a.ini', '[FileSettings]\ntext=a\nnumber=1\n'))
    gokart.add_config(write('b.toml', '[FileSettings]\nnumber = 2\nflag = true\n'))
    gokart.add_config(write('c.cfg', '[FileSettings]\nflag=false\nreal=3\n'))
    assert (FileSettings().text, FileSettings().number, FileSettings().flag, FileSettings().real) == (
        'a',
        2,
        False,
        3.0,
    )


def test_options_set_in_code_stay(write, config):
    config.set('FileSettings', 'text', 'set in code')
    gokart.add_config(write('a.ini', '[FileSettings]\nnumber=1\n'))
    assert (FileSettings().text, FileSettings().number) == ('set in code', 1)


def test_luigi_reads_the_file_again_when_it_reloads(write, config):
    gokart.add_config(write('a.ini', '[FileSettings]\nnumber=1\n'))
    config.set('FileSettings', 'number', '5')
    luigi.configuration.LuigiConfigParser.reload()
    assert FileSettings().number == 1


def test_file_is_found_again_from_another_directory(write, tmp_path, monkeypatch):
    write('a.ini', '[FileSettings]\nnumber=1\n')
    gokart.add_config('a.ini')
    (tmp_path / 'elsewhere').mkdir()
    monkeypatch.chdir(tmp_path / 'elsewhere')
    luigi.configuration.LuigiConfigParser.reload()
    assert FileSettings().number == 1


class TestToml:
    def test_values_are_those_of_the_parameters(self, write):
        gokart.add_config(
            write(
                'a.toml',
                """
                [FileSettings]
                text = "100% of %(this)s\\nis 'text' = ü"
                number = 1_000
                real = 1e-3
                flag = true
                explicit = true
                items = [1, "two", [3.5, true], {a = 1}]
                mapping = {b = 1, a = {z = [1, 2]}}
                day = 2020-02-29
                second = 2020-02-29T12:30:01
                zoned = 2020-02-29T12:30:01+09:00
                colour = "RED"
                """,
            )
        )
        settings = FileSettings()
        assert settings.text == "100% of %(this)s\nis 'text' = ü"
        assert (settings.number, settings.real, settings.flag, settings.explicit) == (1000, 0.001, True, True)
        assert settings.items[:3] == (1, 'two', (3.5, True))
        assert dict(settings.items[3]) == {'a': 1}
        assert list(settings.mapping) == ['b', 'a']
        assert settings.mapping['a']['z'] == (1, 2)
        assert settings.day == dt.date(2020, 2, 29)
        assert settings.second == dt.datetime(2020, 2, 29, 12, 30, 1)
        assert settings.zoned.isoformat() == '2020-02-29T12:30:01+09:00'
        assert settings.colour is Colour.RED

    @pytest.mark.parametrize('header', ['[deep.space.Nested]', '["deep.space.Nested"]'])
    def test_section_of_a_namespace_may_be_quoted_or_not(self, write, header):
        class Nested(luigi.Task):
            task_namespace = 'deep.space'
            number = luigi.IntParameter(default=0)

        gokart.add_config(write('a.toml', f'{header}\nnumber = 3\n'))
        assert Nested().number == 3

    def test_environment_variables_are_filled_in(self, write, monkeypatch):
        gokart.add_config(write('a.toml', '[FileSettings]\ntext = "${PART}/x"\nitems = ["${PART}"]\n'))
        monkeypatch.setenv('PART', 'filled')
        assert (FileSettings().text, FileSettings().items) == ('filled/x', ('filled',))

    def test_defaults_of_all_sections(self, write):
        gokart.add_config(write('a.toml', '[DEFAULT]\ntext = "everywhere"\n[FileSettings]\nnumber = 1\n'))
        assert FileSettings().text == 'everywhere'

    @settings(derandomize=True, max_examples=50, deadline=None)
    @given(text=st.text(st.characters(exclude_characters='$', exclude_categories=['Cs'])))
    def test_any_text_survives(self, text, tmp_path_factory):
        path = tmp_path_factory.mktemp('toml') / 'a.toml'
        escaped = ''.join(f'\\U{ord(character):08x}' for character in text)
        path.write_text(f'[FileSettings]\ntext = "{escaped}"\n', encoding='utf-8')
        gokart.add_config(path)
        assert luigi.configuration.get_config().get('FileSettings', 'text') == text


class TestLuigisParserOfToml:
    @pytest.fixture(autouse=True)
    def _chosen(self, monkeypatch):
        monkeypatch.setenv('LUIGI_CONFIG_PARSER', 'toml')
        monkeypatch.setattr(luigi.configuration.LuigiTomlParser, 'enabled', True)
        monkeypatch.setattr(luigi.configuration.LuigiTomlParser, '_instance', None)
        monkeypatch.setattr(luigi.configuration.LuigiTomlParser, '_config_paths', [])

    def test_takes_toml(self, write):
        gokart.add_config(write('a.toml', '[FileSettings]\ntext = "50%"\nnumber = 3\nmapping = {a = 1}\n'))
        assert (FileSettings().text, FileSettings().number, dict(FileSettings().mapping)) == ('50%', 3, {'a': 1})

    def test_takes_files_of_options(self, write, monkeypatch):
        monkeypatch.setenv('PART', 'filled')
        gokart.add_config(write('a.ini', '[FileSettings]\ntext = ${PART}\nnumber = 3\nmapping = {"a": 1}\n'))
        assert (FileSettings().text, FileSettings().number, dict(FileSettings().mapping)) == ('filled', 3, {'a': 1})

    def test_feeds_the_section_of_all_tasks(self, write):
        class Fed(gokart.TaskOnKart):
            pass

        gokart.add_config(
            write('a.toml', '[TaskOnKart]\nredis_timeout = 30\nredis_host = "5%"\nfix_random_seed_methods = ["a.b"]\n')
        )
        assert (Fed().redis_timeout, Fed().redis_host, Fed().fix_random_seed_methods) == (30, '5%', ('a.b',))


class TestErrors:
    @pytest.mark.parametrize('error', [ConfigFileNotFoundError, ConfigError, FileNotFoundError, AssertionError])
    @pytest.mark.parametrize('name', ['absent.ini', 'no/such/directory.toml'])
    def test_missing_file(self, name, error, tmp_path):
        with pytest.raises(error, match=rf'{name} does not exist \(the working directory is {tmp_path}\)'):
            gokart.add_config(name)

    def test_directory(self, tmp_path):
        with pytest.raises(ConfigError, match='it is a directory'):
            gokart.add_config(tmp_path)

    @pytest.mark.parametrize(
        ('name', 'text', 'message'),
        [
            ('a.ini', 'password=s3cret\n', r'line 1 stands before the first section'),
            ('a.ini', '[A]\nx=1\n[A]\ny=s3cret\n', r'line 3 starts the section \[A\] a second time'),
            ('a.ini', '[A]\nx=1\n\nx=s3cret\n', r"line 4 gives the option 'x' of section \[A\] a second time"),
            ('a.ini', '[A]\ns3cret\n', r'line 2 is neither a section nor an option'),
            ('a.yaml', 'TaskOnKart:\n  password: s3cret\n', r"line 1 .*'\.yaml' are read like \.ini"),
            ('a.json', '{"password": "s3cret"}', r"line 1 .*'\.json' are read like \.ini"),
            ('a.toml', '[A]\nx = \n', r'at line 2'),
            ('a.toml', '[A]\nx = 1\nx = 2\n', r'at line 3'),
            ('a.toml', 'x = 1\ny = 2\n[A]\n', r"gives \['x', 'y'\] outside of a section"),
        ],
    )
    def test_broken_file_names_path_and_line_and_shows_no_value(self, write, name, text, message):
        path = write(name, text)
        with pytest.raises(ConfigError, match=message) as caught:
            gokart.add_config(path)
        assert path in str(caught.value)
        assert 's3cret' not in str(caught.value)
        assert caught.value.__suppress_context__ or name.endswith('.toml')

    @pytest.mark.parametrize('name', ['a.ini', 'a.toml'])
    def test_undecodable_file_names_the_line(self, write, name, monkeypatch):
        monkeypatch.setattr('locale.getpreferredencoding', lambda do_setlocale=True: 'utf-8')
        path = write(name, '[A]\nx = "日本"\n', 'shift_jis')
        with pytest.raises(ConfigError, match=rf'{name}, line 2, is not in UTF-8'):
            gokart.add_config(path)

    def test_file_in_the_encoding_of_the_machine_is_read(self, write, monkeypatch):
        monkeypatch.setattr('locale.getpreferredencoding', lambda do_setlocale=True: 'shift_jis')
        gokart.add_config(write('a.ini', '[FileSettings]\ntext=日本\n', 'shift_jis'))
        assert FileSettings().text == '日本'

    def test_nothing_of_a_broken_file_is_used(self, write, config):
        config.set('FileSettings', 'number', '1')
        with pytest.raises(ConfigError):
            gokart.add_config(write('a.ini', '[FileSettings]\nnumber=2\nnumber=3\n'))
        assert FileSettings().number == 1

    def test_a_broken_file_does_not_hinder_later_ones(self, write):
        with pytest.raises(ConfigError):
            gokart.add_config(write('a.ini', 'x\n'))
        gokart.add_config(write('b.ini', '[FileSettings]\nnumber=2\n'))
        luigi.configuration.LuigiConfigParser.reload()
        assert FileSettings().number == 2


def test_storages_are_made_anew_with_what_was_read(write):
    before = storage_for('s3://bucket/object')
    gokart.add_config(write('one.ini', '[S3Config]\nregion = eu-west-1\n'))
    assert storage_for('s3://bucket/object') is not before


def test_a_broken_file_leaves_storages_as_they_are(write):
    before = storage_for('s3://bucket/object')
    with pytest.raises(ConfigError):
        gokart.add_config(write('one.ini', 'region = eu-west-1\n'))
    assert storage_for('s3://bucket/object') is before
