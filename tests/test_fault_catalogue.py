"""Every fault of the catalogue can still be planted: the text that it spoils is there."""

import pytest
from project import ROOT

from tools.faults.catalogue import FAULTS, WHOLE_FILE


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_finds_what_it_spoils(fault):
    path = ROOT / fault.file
    assert path.is_file()
    if fault.old is not WHOLE_FILE:
        text = path.read_text(encoding="utf-8")
        assert text.replace(fault.old, fault.new) != text
