"""A small country for the tests of this app."""

import pytest

from tongzhou.kit.rules import SYSTEM
from tongzhou.places.actions import import_divisions, read_division_table
from tongzhou.places.models import Division

# 62 and 620 are neighbours whose codes begin alike: containment must never look at codes.
TREE = """code,name,parent,level
n,中国,,0
62,甘肃省,n,1
620,假肃省,n,1
620100,兰州市,62,2
620200,嘉峪关市,62,2
6201,假兰州市,620,2
620102,城关区,620100,3
620103,七里河区,620100,3
620201,市辖区,620200,3
62010,假城关区,6201,3
620102001,酒泉路街道,620102,4
620102002,张掖路街道,620102,4
620103001,西园街道,620103,4
620201001,新华街道,620201,4
62010001,假街道,62010,4
620102001001,东风村委会,620102001,5
620102001002,南关社区居委会,620102001,5
620102002001,和平村委会,620102002,5
620103001001,东风村委会,620103001,5
620201001001,长寿村委会,620201001,5
62010001001,假村委会,62010001,5
"""


@pytest.fixture
def tree(db: None) -> dict[str, Division]:
    """The small country by code."""
    import_divisions(read_division_table(TREE.encode()), by=SYSTEM)
    return {division.code: division for division in Division.objects.all()}
