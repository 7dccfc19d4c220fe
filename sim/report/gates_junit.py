"""JUnit XML, which continuous integration shows: a suite per file, a case per gate, a failure with its sentence."""

import re
from collections.abc import Sequence
from itertools import groupby
from xml.etree import ElementTree

from sim.gates.against import Moved
from sim.gates.check import Result
from sim.gates.words import demand

_NOT_IN_XML = re.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 cannot hold."""


def junit(results: Sequence[Result], moved: Sequence[Moved] | None) -> str:
    """The document, with its declaration."""
    root = ElementTree.Element("testsuites", name="fanout-sim gate")
    for source, those in groupby(results, key=lambda result: result.placed.source):
        suite = _suite(root, source)
        for result in those:
            gate = result.placed.gate
            _case(suite, result, f"{result.placed.subject}: {gate.says or demand(gate)}", result.judged.verdict)
    if moved is not None:
        suite = _suite(root, "baseline")
        for one in moved:
            _case(suite, one, one.subject, one.verdict)
    for suite in root:
        suite.set("tests", str(len(suite)))
        suite.set("failures", str(len(suite.findall("*/failure"))))
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=False).join(
        ('<?xml version="1.0" encoding="UTF-8"?>\n', "\n")
    )


def _suite(root: ElementTree.Element, name: str) -> ElementTree.Element:
    return ElementTree.SubElement(root, "testsuite", name=_xml(name), tests="0", failures="0", errors="0")


def _case(suite: ElementTree.Element, one: Result | Moved, name: str, verdict: str) -> None:
    case = ElementTree.SubElement(suite, "testcase", name=_xml(name), classname=suite.get("name", ""))
    if not one.holds:
        ElementTree.SubElement(case, "failure", type=verdict, message=_xml(one.sentence)).text = _xml(one.sentence)


def _xml(text: str) -> str:
    return _NOT_IN_XML.sub("\ufffd", text)
