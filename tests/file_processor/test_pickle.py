"""Any object goes through pickle, large data without a copy."""

from __future__ import annotations

import base64
import io
import pickle
import threading
import tracemalloc
import zlib

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from gokart.errors import UnsupportedObjectError
from gokart.file_processor.pickle import PickleFileProcessor, load_dill_with_pandas_backward_compatibility

# pandas.DataFrame({'a': [1.5, 2.5]}, index=pandas.Index([10, 20], name='k')), pickled by pandas 1.5.3
OF_OLD_PANDAS = zlib.decompress(base64.b85decode(
    'c-n1}OKTKC5XX1M9UnoA!B;@>oFI%B2_6CwBSKtU!Fy<GW_q`W?dcu5dx#4L^pKc9-'
    'BNxmzmGSq?n!i`>4APtRrRm_RbPhRf24yraIFPXfy>LemHEU%BMEQ40S|BE{){%i(jjf&P&89Z_;lI4HeOl-'
    '+T{%xm`dviZ@<>_a`wJIvpYUK_Yk@+++P>MRneKYE@xVbBKQR32c~P<MIXKCw6DQhSa4KfWjQy_+phG%FpGwSH#l}QIiu0wh<1~L'
    'zR^e87$y9r$D~#<tNfx3nP573Nv9|M|7)0R(|A07_lrlIMgvd9>F(WLn4dfSI($WZjW>&~W*o!ZnbUPC<AdRq5N?!)`H1#esP)SV'
    'Rq~T`c>#`fT@gkeh`n&f?rIaWi+xnMV%16AQEMR+b?;9ed|1cy!zK35|FG`__I<(x2m<fWgzAmEV|Gx_@bOhpETOb@$y|HJZ@pMz'
    'QP2O!NPCQW2}3=(Qoxm7xxxMOH3+D-'
    'F_}@skzwL~;;L|~g`_XqPBhX(RDm<ez<X|}L&ED~qG1}hk3j4BffH5NauL8wp`no6O((7^^4}nu9eD'
))  # fmt: skip

LARGE = 300_000


def dumped(obj):
    file = io.BytesIO()
    PickleFileProcessor().dump(obj, file)
    return file.getvalue()


def load(content):
    return PickleFileProcessor().load(io.BytesIO(content))


def make_function():
    offset = 2
    return lambda x: x + offset


def test_function_is_stored_by_value():
    assert load(dumped(make_function()))(1) == 3


def test_protocol_is_4():
    assert dumped([1])[:2] == b'\x80\x04'


@pytest.mark.parametrize(
    'obj', [{'a': [1, (2.5, None)]}, np.arange(3), np.arange(LARGE)], ids=['dict', 'array', 'large']
)
def test_reading_takes_no_dill(obj):
    content = dumped(obj)
    assert b'dill' not in content
    np.testing.assert_equal(pickle.loads(content), obj)


ARRAYS = {
    'numbers': np.arange(LARGE, dtype='f8'),
    'rows': np.arange(LARGE, dtype='f8').reshape(-1, 3),
    'columns': np.arange(LARGE, dtype='f8').reshape(-1, 3).T,
    'fortran 3d': np.asfortranarray(np.arange(LARGE, dtype='f8').reshape(2, 3, -1)),
    'strided': np.arange(2 * LARGE, dtype='f8')[::2],
    'dates': np.arange(LARGE).astype('datetime64[s]'),
    'texts': np.array(['三', 'ab'] * LARGE),
    'records': np.ones(LARGE, dtype=[('a', 'i4'), ('b', 'f8')]),
    'flags': np.ones(4 * LARGE, dtype=bool),
    'objects': np.array([None, 'a'] * LARGE, dtype=object),
    'no rows': np.ones((0, LARGE)),
}


@pytest.mark.parametrize('array', ARRAYS.values(), ids=ARRAYS)
def test_large_array_comes_back(array):
    loaded = load(dumped(array))
    np.testing.assert_array_equal(loaded, array)
    assert loaded.dtype == array.dtype
    assert loaded.flags.writeable


def test_array_that_is_there_twice_is_stored_once():
    array = np.zeros(LARGE)
    content = dumped([array, {'again': array}])
    first, second = load(content)
    assert second['again'] is first
    assert len(content) < 1.1 * array.nbytes


def test_subclass_of_array_keeps_its_class():
    loaded = load(dumped(np.ma.masked_greater(np.arange(LARGE), 5)))
    assert isinstance(loaded, np.ma.MaskedArray)
    assert loaded.count() == 6


def test_large_frame_of_many_types_comes_back():
    frame = pd.DataFrame(
        {
            'number': np.arange(LARGE) / 7,
            'word': ['word 三', None, 'x' * 9] * (LARGE // 3),
            'time': pd.date_range('2020-01-01', periods=LARGE, freq='s', tz='Asia/Tokyo'),
            'category': pd.Categorical(['u', 'v', 'w'] * (LARGE // 3)),
            'maybe': pd.array([1, None, 3] * (LARGE // 3), dtype='Int64'),
        }
    )
    loaded = load(dumped(frame))
    assert loaded.equals(frame)
    assert list(loaded.dtypes) == list(frame.dtypes)


@pytest.mark.parametrize(
    'make',
    [
        lambda: np.zeros(4 * LARGE),
        lambda: pd.DataFrame(np.zeros((LARGE, 4))),
        lambda: [np.zeros(LARGE) for _ in range(4)],
        lambda: pa.array(np.zeros(4 * LARGE)),
    ],
    ids=['array', 'frame', 'list', 'arrow'],
)
def test_large_data_is_not_copied(make, tmp_path):
    """The published library holds the data once more as bytes, and all of the pickle too."""
    obj = make()
    dumped([np.zeros(1), pd.DataFrame({'a': [1]}), pa.array([1])])
    with (tmp_path / 'file').open('wb') as file:
        tracemalloc.start()
        try:
            PickleFileProcessor().dump(obj, file)
            peak_bytes = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert peak_bytes < 8 * LARGE / 4


def test_frame_of_an_old_pandas_loads():
    expected = pd.DataFrame({'a': [1.5, 2.5]}, index=pd.Index([10, 20], name='k'))
    pd.testing.assert_frame_equal(load(OF_OLD_PANDAS), expected, check_column_type=False)


def test_old_frame_loads_from_the_middle_of_a_file():
    file = io.BytesIO(b'head' + OF_OLD_PANDAS)
    file.seek(4)
    assert list(load_dill_with_pandas_backward_compatibility(file).index) == [10, 20]


def test_error_of_the_first_reader_is_raised_when_the_second_one_fails_as_well():
    broken = b'\x80\x04cpandas.core.nowhere\nThing\n.'
    with pytest.raises(ModuleNotFoundError, match=r'pandas\.core\.nowhere') as caught:
        load(broken)
    assert caught.value.__cause__ is not None


@pytest.mark.parametrize(
    ('content', 'error'),
    [
        (b'', EOFError),
        (dumped({'a': 1})[:-4], (EOFError, pickle.UnpicklingError)),
        (b'not a pickle', pickle.UnpicklingError),
        (b'\x80\x04cnowhere\nThing\n.', ModuleNotFoundError),
        (b'\x80\x04cbuiltins\nnothing_here\n.', AttributeError),
    ],
)
def test_other_failures_are_not_tried_again(content, error, monkeypatch):
    monkeypatch.setattr(pd, 'read_pickle', lambda *_, **__: pytest.fail('tried a second time'))
    with pytest.raises(error):
        load(content)


class Refusing:
    def __reduce__(self):
        raise RuntimeError('no way')


@pytest.mark.parametrize(
    ('obj', 'name', 'cause'),
    [
        ((n for n in 'ab'), 'builtins.generator', TypeError),
        ({'deep': [threading.local()]}, 'builtins.dict', TypeError),
        (Refusing(), 'Refusing', RuntimeError),
    ],
)
def test_object_that_cannot_be_pickled_is_named(obj, name, cause):
    with pytest.raises(UnsupportedObjectError, match=name) as caught:
        dumped(obj)
    assert isinstance(caught.value.__cause__, cause)


def test_full_disk_is_no_fault_of_the_object():
    class Full(io.BytesIO):
        def write(self, data):
            raise OSError(28, 'No space left on device')

    with pytest.raises(OSError, match='No space'):
        PickleFileProcessor().dump(np.zeros(LARGE), Full())
