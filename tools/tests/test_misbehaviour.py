# SPDX-License-Identifier: GPL-2.0-only
"""Models that misbehave: who noticed, and who only was lucky."""

import io

import pytest
from rich.console import Console

from dmaconflib import declarations, misbehaviour, targets
from dmaconflib.problem import Problem
from dmaconflib.results import Judgement, Result, Verdict


def judgement(**verdicts: Verdict) -> Judgement:
    return Judgement([Result(name.replace('_', '.', 1), 'MUST', 'dma/0', verdict)
                      for name, verdict in verdicts.items()], [])


CLEAN = judgement(memcpy_data=Verdict.PASS, term_aborts=Verdict.FAIL, irq_twice=Verdict.PASS)


def row(fault: str, found: Judgement | None = None, problem: str = '',
        clean: Judgement = CLEAN) -> misbehaviour.Row:
    return misbehaviour.judged('uml-x', fault, clean, found, problem, 1.0)


def test_a_rule_that_fails_with_the_fault_only_has_noticed_it() -> None:
    found = row('wrong', judgement(memcpy_data=Verdict.FAIL, term_aborts=Verdict.FAIL))
    assert found.noticed == ('memcpy.data',)
    assert not found.lucky


def test_what_fails_anyway_notices_nothing() -> None:
    found = row('stall', judgement(memcpy_data=Verdict.PASS, term_aborts=Verdict.FAIL))
    assert not found.noticed
    assert found.lucky


def test_a_kernel_that_dies_was_noticed() -> None:
    assert not row('stall', judgement(memcpy_data=Verdict.INCOMPLETE)).lucky


def test_a_doubled_interrupt_is_survived_by_right_where_its_rule_passes() -> None:
    found = judgement(memcpy_data=Verdict.PASS)
    assert not row('irq_twice', found).lucky
    unproven = judgement(memcpy_data=Verdict.PASS, irq_twice=Verdict.INCONCLUSIVE)
    assert row('irq_twice', found, clean=unproven).lucky


def test_a_rule_that_provokes_it_has_noticed_it_with_and_without_the_fault() -> None:
    clean = judgement(memcpy_data=Verdict.PASS, irq_twice=Verdict.FAIL)
    assert row('irq_twice', clean, clean=clean).noticed == ('irq.twice',)


def test_one_of_several_proofs_that_fails_is_enough() -> None:
    clean = judgement(irq_late=Verdict.INCOMPLETE, irq_delayed=Verdict.PASS)
    assert row('irq_late', judgement(), clean=clean).noticed == ('irq.late',)
    clean = judgement(irq_late=Verdict.NOT_APPLICABLE, irq_delayed=Verdict.PASS)
    assert row('irq_late', judgement(), clean=clean).survived == ('irq.delayed',)


def test_half_of_the_data_is_made_good_where_all_of_it_arrives() -> None:
    assert row('half', judgement(memcpy_data=Verdict.PASS)).survived == ('memcpy.data',)
    assert row('wrong', judgement(memcpy_data=Verdict.PASS)).lucky
    assert row('half', judgement(memcpy_data=Verdict.NOT_APPLICABLE)).lucky


def test_a_death_is_worse_than_a_failure() -> None:
    found = judgement(memcpy_data=Verdict.PASS, term_aborts=Verdict.INCOMPLETE)
    assert row('desc_write', found).noticed == ('term.aborts',)
    assert row('desc_write', CLEAN, clean=found).lucky


def test_a_model_without_anything_to_go_wrong_is_left_out() -> None:
    found = row('read', None, 'axi-dmac has no fault "read"')
    assert not found.applies and not found.lucky


def test_a_boot_that_did_not_run_is_told_and_no_luck() -> None:
    found = row('read', None, 'TIMEOUT: the boot was stopped')
    assert found.applies and not found.lucky
    out = io.StringIO()
    misbehaviour.show(Console(file=out, width=100), [found, row('stall', judgement())])
    assert 'uml-x: read: TIMEOUT' in out.getvalue()
    assert 'uml-x: no rule notices stall: one is missing' in out.getvalue()


def test_the_faults_are_those_of_the_models_and_of_the_rules_that_prove_them() -> None:
    assert {'read', 'write', 'stall', 'irq_lost', *misbehaviour.PROOFS,
            *misbehaviour.REPAIRED} <= {*misbehaviour.faults()}


def test_a_source_without_faults_is_a_problem(monkeypatch, tmp_path) -> None:
    (tmp_path / 'inject.c').write_text('/* nothing */\n')
    monkeypatch.setattr(misbehaviour, 'SOURCE', tmp_path / 'inject.c')
    with pytest.raises(Problem):
        misbehaviour.faults()


def test_models_are_told_from_the_stub() -> None:
    assert misbehaviour.is_model(targets.load('uml-ptdma').kernel_args)
    assert not misbehaviour.is_model(targets.load('uml').kernel_args)


def test_the_proofs_are_rules() -> None:
    known = {rule.id for rule in declarations.rules()}
    for rules in (*misbehaviour.PROOFS.values(), *misbehaviour.REPAIRED.values()):
        assert {*rules} <= known
