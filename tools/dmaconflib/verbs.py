# SPDX-License-Identifier: GPL-2.0-only
"""What each verb does; the value of each is the process's exit code."""

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from . import boot, check, contract, declarations, document, findings, matrix, matrix_report
from . import screen, selftest, session, source, targets, waivers
from .declarations import Fault, Rule
from .graft import graft, ungraft
from .kernel import Kernel, prepared
from .matrix import Matrix
from .problem import Problem
from .process import undisturbed
from .progress import say
from .results import Judgement
from .selection import choose_faults, choose_rules
from .session import Wishes


def run_verb(options: argparse.Namespace) -> int:
    """run: 0 conformant, 1 not."""
    rules = declarations.rules()
    target = targets.load(options.target, options.debug)
    wishes = Wishes(rules, choose_rules(rules, options.rules), options.device or target.device,
                    options.timeout_ms or target.timeout_ms, options.seed,
                    findings=waivers.load(rules, targets.names()))
    with prepared(target, options.kernel, options.ksrc) as kernel:
        judgement = _run(kernel, wishes, options.json)
    return 0 if judgement.conformant else 1


def faults_verb(options: argparse.Namespace) -> int:
    """faults: 0 if every fault was caught and the conformant stub failed nothing."""
    target = targets.load(options.target, options.debug)
    rules, faults = declarations.rules(), declarations.faults()
    chosen = choose_rules(rules, options.rules)
    todo = _faults_for(chosen, choose_faults(faults, options.fault))
    wishes = Wishes(rules, chosen, 'stub', target.timeout_ms)
    gaps = declarations.inconsistencies(chosen, faults)
    with prepared(target, options.kernel, options.ksrc) as kernel:
        result = matrix.run(kernel, wishes, todo, options.jobs or boot.jobs(), gaps)
    _tell_matrix(result, options.json)
    return 0 if result.good else 1


def test_verb(options: argparse.Namespace) -> int:
    """test: the tools' tests, a run and the matrix, closed by one line of counts."""
    target = targets.load(options.target, options.debug)
    rules, faults = declarations.rules(), declarations.faults()
    wishes = Wishes(rules, rules, target.device, target.timeout_ms,
                    findings=waivers.load(rules, targets.names()))
    tally = selftest.pytest()
    try:
        with prepared(target, options.kernel, options.ksrc) as kernel:
            tally += selftest.of_run(_run(kernel, wishes, None))
            result = matrix.run(kernel, wishes, faults, boot.jobs(),
                                declarations.inconsistencies(rules, faults))
            _tell_matrix(result, None)
            tally += selftest.of_matrix(result)
            found = check.run(kernel)
            check.tell(found)
            tally += selftest.of_checks(found)
    except Problem as problem:
        say(f'dmaconf: {problem}')
        tally += selftest.Tally(0, 1)
    print(tally)
    return 1 if tally.failed else 0


def check_verb(options: argparse.Namespace) -> int:
    """check: 0 if no checker complains."""
    with prepared(targets.load(options.target), options.kernel, options.ksrc) as kernel:
        found = check.run(kernel)
    check.tell(found)
    return 1 if any(found.values()) else 0


def list_verb(options: argparse.Namespace) -> int:
    """list: what the declarations in the sources say."""
    rules = choose_rules(declarations.rules(), options.rules)
    omitted = declarations.omitted() if options.rules is None else []
    named = declarations.faults_by_rule(declarations.faults())
    if options.json:
        print(json.dumps([document.rule(rule, named.get(rule.id, [])) for rule in rules]
                         + [document.omitted(rule) for rule in omitted], indent=1))
    else:
        screen.rule_table(screen.console(), rules, omitted, named)
    return 0


def rules_verb(options: argparse.Namespace) -> int:
    """rules: the documentation of the contract; a Problem if a text or a rule is missing."""
    rules, faults = declarations.rules(), declarations.faults()
    if gaps := declarations.inconsistencies(rules, faults) + declarations.texts_without_rule():
        raise Problem('\n'.join(gaps))
    for path in contract.write(rules, faults, declarations.omitted(), options.out):
        say(f'written: {path}')
    return 0


def findings_verb(options: argparse.Namespace) -> int:
    """findings: the write-ups of what is known to be wrong, for people, as reStructuredText."""
    known = waivers.load(declarations.rules(), targets.names())
    print(findings.document(known, options.driver))
    return 0


def setup_verb(options: argparse.Namespace) -> int:
    """setup: source and graft; the packages are there already when this runs."""
    tree = source.check(options.ksrc) if options.ksrc else source.own_tree(options.kernel)
    with undisturbed():
        graft(tree.path, tree.own)
    say(f'{tree.path}: Linux {tree.version}, grafted')
    return 0


def graft_verb(options: argparse.Namespace) -> int:
    """graft: the user's tree, for use with kunit.py itself."""
    tree = source.check(options.ksrc)
    with undisturbed():
        graft(tree.path)
    say(f'{tree.path}: grafted. To run the suite in that tree:\n'
        '  ./tools/testing/kunit/kunit.py run --kunitconfig=drivers/dma/dmaconf')
    return 0


def ungraft_verb(options: argparse.Namespace) -> int:
    """ungraft: the tree as it was before."""
    tree = source.check(options.ksrc)
    with undisturbed():
        ungraft(tree.path)
    say(f'{tree.path}: as it was before the graft')
    return 0


def _run(kernel: Kernel, wishes: Wishes, json_path: Path | None) -> Judgement:
    about, judgement = session.watched(kernel, wishes)
    if json_path:
        document.write(document.results(about, judgement), json_path)
    screen.show(screen.console(), about, judgement, wishes.chosen)
    return judgement


def _tell_matrix(result: Matrix, json_path: Path | None) -> None:
    if json_path:
        document.write(matrix_report.document(result), json_path)
    matrix_report.show(screen.console(), result)


def _faults_for(rules: Sequence[Rule], faults: Sequence[Fault]) -> list[Fault]:
    """Those of the @faults whose rule is among the @rules; a Problem if none is."""
    ids = {rule.id for rule in rules}
    todo = [fault for fault in faults if fault.rule in ids]
    if not todo:
        raise Problem('none of these faults breaks any of these rules')
    return todo
