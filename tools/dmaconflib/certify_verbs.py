# SPDX-License-Identifier: GPL-2.0-only
"""What the verbs of certification do; the value of each is the process's exit code."""

import argparse
import sys
from pathlib import Path

from . import archive, bisect, bundle, certificate, compare, declarations, evidence, package
from . import profiles, screen, session, source, targets, verify, waivers
from .bundle import Board
from .declarations import Rule
from .kernel import prepared
from .package import Suite
from .problem import Problem
from .progress import say
from .selection import choose_rules
from .session import Wishes
from .waivers import Known
from .wording import plural


def certify_verb(options: argparse.Namespace) -> int:
    """certify: 0 certified, 1 not; the package is written in both cases."""
    rules = declarations.rules()
    suite = Suite(rules, profiles.load(options.profile), _known(rules))
    made = package.make(evidence.load(archive.read(options.run)), suite)
    files = package.sign(made.files, options.key) if options.key else made.files
    name = f'dmaconf-{"+".join(made.about.driver.split(", "))}-{options.profile}'
    out: Path = options.out or Path(f'{name}.tar.gz')
    out.write_bytes(archive.pack(files, name))
    print(certificate.statement(made.certificate, made.about, made.judgement))
    say(f'written: {out}')
    return 0 if made.certificate.certified else 1


def bundle_verb(options: argparse.Namespace) -> int:
    """bundle: 0 when it is written."""
    board = Board(options.kdir.resolve(), options.arch, options.cross_compile, options.ksrc)
    name, files, programs = bundle.make(board, declarations.rules())
    out: Path = options.out or Path(f'{name}.tar.gz')
    out.write_bytes(archive.pack(files, name, programs))
    say(f'written: {out}')
    return 0


def verify_verb(options: argparse.Namespace) -> int:
    """verify: 0 a certificate that holds, 1 altered or no certificate, 2 unreadable."""
    rules = declarations.rules()
    found = verify.verify(archive.read(options.package), rules, _known(rules), options.key)
    for wrong in found.wrong:
        print(f'ALTERED OR WRONG: {wrong}')
    for note in found.notes:
        print(f'note: {note}')
    if found.certificate:
        profile = found.certificate.profile
        print(f'made again from the logs: {"" if found.certificate.certified else "NOT "}'
              f'CERTIFIED, profile {profile.name} version {profile.version}')
        for gap in found.certificate.gaps:
            print(f'  {gap}')
    print('VERIFIED' if not found.wrong else f'NOT VERIFIED: {plural(len(found.wrong), "problem")}')
    return 0 if found.good else 1


def diff_verb(options: argparse.Namespace) -> int:
    """diff: 1 if a rule is newly failing."""
    before, after = compare.read(options.before), compare.read(options.after)
    difference = compare.compare(before, after)
    compare.show(screen.console(), before, after, difference)
    return 1 if difference.failing else 0


def bisect_verb(options: argparse.Namespace) -> int:
    """bisect: 0 if the commit was found; its own --step says what one commit is."""
    chosen = choose_rules(declarations.rules(), options.rules)
    if len(chosen) != 1:
        raise Problem('--rule is one rule')
    if options.ksrc is None:
        raise Problem('--ksrc must name the kernel\'s git tree')
    if options.step:
        return _bisect_step(options, chosen[0])
    tree = source.check(options.ksrc)
    step = [sys.executable, str(Path(sys.argv[0]).resolve()), 'bisect', '--step',
            '--ksrc', str(tree.path), '--target', options.target, '--rule', chosen[0].id,
            *(['--debug'] if options.debug else []),
            *(['--device', options.device] if options.device else []), options.good, options.bad]
    print(f'the first commit that breaks {chosen[0].id}: '
          f'{bisect.run(tree.path, options.good, options.bad, step)}')
    return 0


def profiles_verb(options: argparse.Namespace) -> int:
    """profiles: 0; a rule that a list does not know is for information."""
    rules = declarations.rules()
    for name in profiles.names():
        if options.write and profiles.write(name, rules):
            say(f'written: {profiles.FOLDER / name}.rules')
        profile = profiles.load(name)
        counts = ', '.join(f'{len(profile.of(kind))} {kind.value}' for kind in profiles.Kind)
        print(f'{name} version {profile.version}: {profile.title}: {counts}')
        if drift := profiles.drift(profile, rules):
            for word, ids in vars(drift).items():
                if ids:
                    print(f'  {word}: {", ".join(ids)}')
    return 0


def _bisect_step(options: argparse.Namespace, rule: Rule) -> int:
    target = targets.load(options.target, options.debug)
    rules = declarations.rules()
    wishes = Wishes(rules, [rule], options.device or target.device, target.timeout_ms)
    try:
        with prepared(target, options.kernel, options.ksrc) as kernel:
            about, judgement = session.watched(kernel, wishes)
    except Problem as problem:
        say(f'dmaconf: {problem}')
        return bisect.SKIP
    say(screen.closing_line(about, judgement))
    return bisect.code(judgement)


def _known(rules: list[Rule]) -> Known:
    return waivers.load(rules, targets.names())
