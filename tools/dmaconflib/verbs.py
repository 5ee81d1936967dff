# SPDX-License-Identifier: GPL-2.0-only
"""What each verb does; the value of each is the process's exit code."""

import argparse
import contextlib
import fnmatch
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from . import BUILD, PROJECT, boot, check, contract, declarations, document, external, findings
from . import fleet, guest, kselftest, kselftest_faults, matrix, matrix_report, misbehaviour
from . import patches, scaffold, screen, selftest, series, session, soak, source, table, targets
from . import waivers
from .bench_verb import bench_tally, bench_verb  # noqa: F401 (the command line finds it here)
from .coverage_verb import coverage_verb  # noqa: F401
from .declarations import Fault, Rule
from .evidence import Recorder
from .fleet import Row
from .graft import graft, ungraft
from .guest import Guest
from .kernel import Kernel, prepared
from .matrix import Matrix
from .problem import Problem, unknown
from .process import undisturbed
from .progress import say
from .results import Judgement
from .selection import choose_faults, choose_rules
from .session import Wishes
from .targets import Target
from .wording import plural

STUB = 'stub'


def run_verb(options: argparse.Namespace) -> int:
    """run: 0 conformant, 1 not, 2 could not run; of several targets the worst."""
    rules = declarations.rules()
    chosen, known = choose_rules(rules, options.rules), waivers.load(rules, targets.names())

    def wishes(target: Target) -> Wishes:
        return Wishes(rules, chosen, options.device or target.device,
                      options.timeout_ms or target.timeout_ms, options.seed, findings=known)

    several = _chosen_targets(options)
    if len(several) > 1:
        return _run_several(several, wishes, options)
    recorder = Recorder(options.evidence) if options.evidence else None
    with prepared(several[0], options.kernel, options.ksrc) as kernel:
        judgement = _run(kernel, replace(wishes(several[0]), recorder=recorder), options.json)
    return 0 if judgement.conformant else 1


def _chosen_targets(options: argparse.Namespace) -> list[Target]:
    """The targets that the options name, in the time that they ask for."""
    several = targets.choose(options.target, options.debug)
    return [targets.in_plain_time(target) for target in several] if options.plain_time else several


def _run_several(several: Sequence[Target], wishes: Callable[[Target], Wishes],
                 options: argparse.Namespace) -> int:
    if options.device or options.evidence:
        raise Problem('--device and --evidence are for one target')
    documents, rows = [], []
    with fleet.turns(several, options.kernel, options.ksrc) as turns:
        for turn in turns:
            rows.append(fleet.run(turn, wishes(turn.target)))
            documents += _told(rows[-1], wishes(turn.target).chosen, options.json)
    table.show(screen.console(), documents, declarations.rules())
    for row in rows:
        if row.problem:
            print(f'{row.target.name}: could not run: {row.problem}')
    return max(row.code for row in rows)


def _told(row: Row, rules: Sequence[Rule], folder: Path | None) -> list[dict[str, Any]]:
    """Shows a target's results, and writes them to @folder; the value is the document, if any."""
    if row.about is None or row.judgement is None:
        return []
    made = document.results(row.about, row.judgement, row.dmatest)
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
        document.write(made, folder / f'{row.target.name}.json')
    screen.show_brief(screen.console(), row.about, row.judgement, rules, row.dmatest)
    return [made]


def table_verb(options: argparse.Namespace) -> int:
    """table: what several runs found, side by side."""
    documents, rules = table.load(options.results), declarations.rules()
    show = table.show_undecided if options.undecided else table.show
    show(screen.console(), documents, rules)
    return 0


def faults_verb(options: argparse.Namespace) -> int:
    """faults: 0 if every fault was caught and the conformant stub failed nothing."""
    several = _chosen_targets(options)
    if all(misbehaviour.is_model(target.kernel_args) for target in several):
        return _misbehave(several, options)
    if len(several) > 1:
        raise Problem('the faults of the stub are for one target')
    target = several[0]
    rules, faults = declarations.rules(), declarations.faults()
    chosen = choose_rules(rules, options.rules)
    todo = _faults_for(chosen, choose_faults(faults, options.fault))
    wishes = Wishes(rules, chosen, STUB, target.timeout_ms)
    gaps = declarations.inconsistencies(chosen, _faults_for(chosen, faults))
    here = [fault for fault in todo if fault.target in ('', target.name)]
    with prepared(target, options.kernel, options.ksrc) as kernel:
        result = matrix.run(kernel, wishes, here, options.jobs or boot.jobs(target), gaps)
    result = _elsewhere(options, result, wishes, todo)
    _tell_matrix(result, options.json)
    return 0 if result.good else 1


def _misbehave(several: Sequence[Target], options: argparse.Namespace) -> int:
    """faults of models: 0 if no driver survives one by luck."""
    rules = declarations.rules()
    chosen, known = choose_rules(rules, options.rules), waivers.load(rules, targets.names())
    names = fnmatch.filter(misbehaviour.faults(), options.fault or '*')
    if not names:
        raise unknown('fault', options.fault, misbehaviour.faults())
    rows: list[misbehaviour.Row] = []
    with fleet.turns(several, options.kernel, options.ksrc) as turns:
        for turn in turns:
            if turn.kernel is None:
                raise Problem(turn.problem)
            here = waivers.known_on(known, turn.target.name, turn.kernel.tree.version)
            wishes = Wishes(rules, [rule for rule in chosen if rule.id not in here.deadly],
                            turn.target.device, turn.target.timeout_ms, seed=1)
            rows += misbehaviour.run(turn.kernel, wishes, names,
                                     options.jobs or boot.jobs(turn.target))
    misbehaviour.show(screen.console(), rows)
    return 1 if any(row.lucky or (row.problem and row.applies) for row in rows) else 0


def test_verb(options: argparse.Namespace) -> int:
    """test: the tools' tests, the targets and the matrix, closed by one line of counts."""
    rules, known = declarations.rules(), waivers.load(declarations.rules(), targets.names())
    several = sorted(targets.choose(options.target, options.debug), key=_fastest_stub_first)
    documents, caught = [], None
    with fleet.turns(several, options.kernel, options.ksrc) as turns:
        tally = selftest.pytest()
        for turn in turns:
            row = fleet.run(turn, Wishes(rules, rules, turn.target.device, turn.target.timeout_ms,
                                         findings=known))
            documents += _told(row, rules, BUILD / 'results')
            tally += selftest.of_run(row.judgement) if row.judgement else selftest.Tally(0, 1)
            if turn.kernel and turn.target == several[0] and turn.target.device == STUB:
                caught = _matrix(turn.kernel, rules)
                tally += _check_tally(turn.kernel) + bench_tally(turn.kernel)
                tally += _kselftest_tally(turn.kernel)
    if caught:
        tally += _matrix_tally(options, caught, rules)
    table.show(screen.console(), documents, rules)
    print(tally)
    return 1 if tally.failed else 0


def _fastest_stub_first(target: Target) -> tuple[bool, bool]:
    """The order of `test`: the matrix is of the first target, and keeps busy while others build."""
    return target.device != STUB, target.arch != 'um'


def _matrix(kernel: Kernel, rules: Sequence[Rule]) -> Matrix | Problem:
    """The fault matrix as far as this @kernel can show it, or why it could not run."""
    faults = declarations.faults()
    here = [fault for fault in faults if fault.target in ('', kernel.target.name)]
    try:
        return matrix.run(kernel, Wishes(rules, rules, STUB, kernel.target.timeout_ms), here,
                          boot.jobs(kernel.target), declarations.inconsistencies(rules, faults))
    except Problem as problem:
        return problem


def _matrix_tally(options: argparse.Namespace, caught: Matrix | Problem,
                  rules: Sequence[Rule]) -> selftest.Tally:
    """The rest of the matrix, told; one failure if it could not run."""
    try:
        if isinstance(caught, Problem):
            raise caught
        tested = {'', *(target.name for target in targets.choose(options.target))}
        every = declarations.faults()
        faults = [fault for fault in every if fault.target in tested]
        if left := len(every) - len(faults):
            say(f'{plural(left, "fault")} left to `dmaconf faults`, which boots other machines')
        caught = _elsewhere(options, caught, Wishes(rules, rules, STUB, 0), faults)
    except Problem as problem:
        say(f'dmaconf: {problem}')
        return selftest.Tally(0, 1)
    _tell_matrix(caught, None)
    return selftest.of_matrix(caught)


def _check_tally(kernel: Kernel) -> selftest.Tally:
    """All checkers; one failure if they could not run."""
    try:
        found = check.run(kernel)
    except Problem as problem:
        say(f'dmaconf: {problem}')
        return selftest.Tally(0, 1)
    check.tell(found)
    return selftest.of_checks(found)


def soak_verb(options: argparse.Namespace) -> int:
    """soak: 0 if no verdict differs between the boots of a target."""
    rules = declarations.rules()
    chosen, known = choose_rules(rules, options.rules), waivers.load(rules, targets.names())
    steady = True
    with fleet.turns(_chosen_targets(options), options.kernel, options.ksrc) as turns:
        for turn in turns:
            if turn.kernel is None:
                raise Problem(turn.problem)
            wishes = Wishes(rules, chosen, turn.target.device, turn.target.timeout_ms,
                            options.seed, findings=known)
            soaked = soak.run(turn.kernel, wishes, options.runs,
                              options.jobs or boot.jobs(turn.target), options.same_seed)
            print(f'{turn.target.name}: {soak.tell(soaked)}', flush=True)
            steady = steady and soaked.steady
    return 0 if steady else 1


def _kselftest_tally(kernel: Kernel) -> selftest.Tally:
    """The modules and the selftests for Debian's kernel, which needs no building.

    One failure if they could not be run.
    """
    try:
        with guest.debian(kernel.tree, kernel.env()) as machine:
            outside = {'modules outside of a tree': external.complaints(machine)}
            guest.pack(machine)
            outcome = kselftest.run(machine, kselftest.Wishes(kselftest.BRIEF), 'test',
                                    lambda line: None)
    except Problem as problem:
        say(f'dmaconf: {problem}')
        return selftest.Tally(0, 1)
    check.tell(outside)
    _tell_kselftest(outcome)
    return selftest.of_checks(outside) + selftest.of_kselftest(outcome)


def check_verb(options: argparse.Namespace) -> int:
    """check: 0 if no checker complains."""
    with prepared(targets.load(options.target), options.kernel, options.ksrc) as kernel:
        found = check.run(kernel)
    check.tell(found)
    return 1 if any(found.values()) else 0


def kselftest_verb(options: argparse.Namespace) -> int:
    """kselftest: 0 if every test passed and the kernel found nothing wrong."""
    arguments = [f'DMACONF_FUZZ_{name.upper()}={value}'
                 for name in ('commands', 'seed') if (value := getattr(options, name)) is not None]
    wishes = kselftest.Wishes(options.tests, options.fault, arguments)
    if options.commands:
        wishes = kselftest.patient(wishes, options.commands)
    if options.faults:
        return _kselftest_faults(options, wishes)
    with _guest(options) as machine:
        guest.pack(machine)
        outcome = kselftest.run(machine, wishes, options.fault or 'kselftest', print)
    _tell_kselftest(outcome)
    return 0 if outcome.good else 1


def _tell_kselftest(outcome: kselftest.Outcome) -> None:
    for line in outcome.reports:
        print(f'kernel: {line}')
    for name in outcome.failed:
        print(f'failed: {name}')
    print(outcome)


def _kselftest_faults(options: argparse.Namespace, wishes: kselftest.Wishes) -> int:
    faults = kselftest_faults.visible(options.faults)
    with _guest(options) as machine:
        guest.pack(machine, faults)
        rows = kselftest_faults.run(machine, wishes, faults,
                                    lambda row: print(kselftest_faults.line_of(row), flush=True))
    bad = [row.fault for row in rows if not row.good]
    unseen = sum(1 for reason in kselftest_faults.listed().values() if reason)
    print(f'dmaconf: {len(rows) - len(bad)} of {len(rows)} faults as they should be'
          + (f', not: {", ".join(bad)}' if bad else '')
          + f'; {unseen} that user space cannot see are in {kselftest_faults.LIST}, with reasons')
    return 1 if bad else 0


@contextlib.contextmanager
def _guest(options: argparse.Namespace) -> Iterator[Guest]:
    """The kernel that the options ask for, with its modules."""
    target = targets.with_user_space(targets.load(options.target, options.debug))
    if options.debian:
        tree = source.check(options.ksrc) if options.ksrc else source.own_tree(options.kernel)
        with guest.debian(tree, Kernel(tree, target, BUILD).env()) as machine:
            yield machine
        return
    with prepared(target, options.kernel, options.ksrc) as kernel:
        yield guest.own(kernel)


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
    """rules: the documentation of the contract."""
    rules, faults = declarations.rules(), declarations.faults()
    if gaps := declarations.inconsistencies(rules, faults):
        raise Problem('\n'.join(gaps))
    for path in contract.write(rules, faults, declarations.omitted(), options.out):
        say(f'written: {path}')
    return 0


def findings_verb(options: argparse.Namespace) -> int:
    """findings: the write-ups of what is known to be wrong, for people, as reStructuredText."""
    known = waivers.load(declarations.rules(), targets.names())
    print(findings.document(known, options.driver))
    return 0


def new_verb(options: argparse.Namespace) -> int:
    """new: a rule and a fault that build, and fail until they are filled in."""
    for place in scaffold.new(options.rule, declarations.rules(), declarations.faults()):
        say(f'{place.path.relative_to(PROJECT)}:{place.line}: to be filled in')
    say(f'Then: make faults RULES={options.rule}, and make run')
    return 0


def patches_verb(options: argparse.Namespace) -> int:
    """patches: one file each, whose names are printed; with --check 1 if one is not fit."""
    tree = source.check(options.ksrc) if options.ksrc else source.own_tree(options.kernel)
    made = patches.write(tree.path, options.out, declarations.rules(), declarations.faults(),
                         declarations.omitted())
    for path in made:
        say(f'written: {path}')
    if not options.check:
        return 0
    found = series.check_series(tree.path, made, BUILD / 'series')
    check.tell(found)
    return 1 if any(found.values()) else 0


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
    about, judgement, found = session.compared(kernel, wishes)
    if wishes.recorder:
        wishes.recorder.finish(about, wishes.known, kernel.described())
    if json_path:
        document.write(document.results(about, judgement, found), json_path)
    screen.show(screen.console(), about, judgement, wishes.chosen, found)
    return judgement


def _elsewhere(options: argparse.Namespace, result: Matrix, wishes: Wishes,
               faults: Sequence[Fault]) -> Matrix:
    """@result with those of the @faults that show on other machines only."""
    done = {row.fault.name for row in result.rows}
    for name in dict.fromkeys(fault.target for fault in faults if fault.name not in done):
        there = [fault for fault in faults if fault.target == name]
        with prepared(targets.load(name), options.kernel, options.ksrc) as kernel:
            result = matrix.elsewhere(result, kernel, wishes, there)
    return result


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
