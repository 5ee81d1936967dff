# SPDX-License-Identifier: GPL-2.0-only
"""The command line: verbs and options, the packages they need, exit codes.

Only the standard library here; the verbs are imported once the packages that
they build on are there.
"""

import argparse
import os
import platform
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from . import BUILD, declarations, guest, packages, process, progress, source, targets
from .problem import Interrupted, Problem

DESCRIPTION = 'Tells whether a Linux DMA engine provider keeps its contract.'
EXIT_CODES = '''exit codes: 0 conformant (or done), 1 violations or rules that did not finish,
2 could not run, 130 interrupted'''


def main(arguments: Sequence[str]) -> int:
    """Runs one verb; the value is the process's exit code."""
    options = _parser().parse_args(arguments)
    process.interrupt_on_signals()
    try:
        packages.ensure(_packages(options))
        code = _verb(options.verb)(options)
        sys.stdout.flush()
        return code
    except Problem as problem:
        progress.say(f'dmaconf: {problem}')
        return 2
    except Interrupted as interrupted:
        progress.say('dmaconf: interrupted; everything it started has been stopped')
        return interrupted.code
    except BrokenPipeError:
        # The reader of our output has seen enough; what is left in the buffer has nowhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + signal.SIGPIPE


def _verb(name: str) -> Callable[[argparse.Namespace], int]:
    from . import certify_verbs, verbs

    module = verbs if hasattr(verbs, f'{name}_verb') else certify_verbs
    verb: Callable[[argparse.Namespace], int] = getattr(module, f'{name}_verb')
    return verb


def _packages(options: argparse.Namespace) -> list[str]:
    """The Debian packages that the chosen verb needs, a bad kernel or target told first."""
    if options.verb in ('graft', 'ungraft'):
        return []
    wanted = list(packages.TOOL)
    if options.verb in ('list', 'findings', 'table', 'profiles', 'diff'):
        return wanted
    if options.verb in ('certify', 'verify'):
        signs = [*packages.SIGNATURE] if options.key else []
        return [*wanted, *packages.CERTIFICATION, *signs]
    if options.verb in ('rules', 'new'):
        return [*wanted, *packages.DOCUMENTATION]
    if options.verb == 'patches':
        tree = [] if options.ksrc else [source.package(options.kernel)]
        tried = [*packages.BUILD, *packages.CHECKPATCH] if options.check else []
        return [*wanted, *packages.DOCUMENTATION, *tree, *tried]
    wanted += packages.BUILD
    if options.verb == 'bundle':
        return wanted
    chosen = targets.choose(options.target)
    if len(chosen) == 1:
        wanted += chosen[0].packages
    if options.verb in ('faults', 'test'):
        for name in {fault.target for fault in declarations.faults()} - {''}:
            wanted += targets.load(name).packages
    if options.ksrc is None:
        wanted.append(source.package(options.kernel))
    if options.verb in ('test', 'kselftest'):
        wanted += guest.PACKAGES
    if options.verb == 'test' or options.verb == 'kselftest' and options.debian:
        wanted += guest.DEBIAN_PACKAGES
    if options.verb == 'test':
        wanted += packages.TEST
    if options.verb == 'bench' and options.plot:
        wanted += packages.PLOT
    if options.verb in ('test', 'check'):
        wanted += packages.CHECK
    if options.verb == 'coverage':
        wanted += packages.COVERAGE
    return wanted


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser('dmaconf', description=DESCRIPTION, epilog=EXIT_CODES,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(dest='verb', required=True, metavar='VERB')

    run = verbs.add_parser('run', help='build, boot, and give a verdict rule by rule')
    _add_kernel(run, several=True)
    _add_plain_time(run)
    _add_rules(run)
    run.add_argument('--device', metavar='SEL', help='a device name, driver or compatible, '
                     'or "all"; default: the target\'s own')
    run.add_argument('--seed', type=_seed, metavar='N', help='of the random data and sizes')
    run.add_argument('--timeout-ms', type=_positive, metavar='N',
                     help='bound of one wait for the engine; default: the target\'s own')
    run.add_argument('--json', type=Path, metavar='FILE', help='write the results there; '
                     'for several targets a folder')
    run.add_argument('--evidence', type=Path, metavar='DIR', help='keep there what `certify` '
                     'makes a package of')

    listing = verbs.add_parser('list', help='every rule, without booting anything')
    listing.add_argument('--json', action='store_true', help='print JSON instead of a table')
    _add_rules(listing)

    rules = verbs.add_parser('rules', help='the documentation of the contract, as HTML and '
                             'reStructuredText')
    rules.add_argument('--out', type=Path, metavar='DIR', default=BUILD / 'contract',
                       help='write it there; default: %(default)s')

    findings = verbs.add_parser('findings', help='what is known to be wrong with drivers, '
                                'as reStructuredText')
    findings.add_argument('--driver', metavar='NAME', help='only this one')

    faults = verbs.add_parser('faults', help='boot every fault of the stub, or of the models: '
                              'is it noticed?')
    _add_kernel(faults, several=True)
    _add_plain_time(faults)
    _add_rules(faults)
    faults.add_argument('--fault', metavar='GLOB', help='only these faults')
    faults.add_argument('--jobs', type=_positive, metavar='N',
                        help='boots at the same time; default: as many as it runs well')
    faults.add_argument('--json', type=Path, metavar='FILE', help='write the matrix there')

    soak = verbs.add_parser('soak', help='boot after boot: does any verdict change?')
    _add_kernel(soak, several=True)
    _add_plain_time(soak)
    _add_rules(soak)
    soak.add_argument('--same-seed', action='store_true',
                      help='the same seed for all boots: under time travel they must not differ '
                      'by a microsecond, and three more in plain time have the same verdicts')
    soak.add_argument('--runs', type=_positive, metavar='N', default=20,
                      help='boots, each with another seed; default: %(default)s')
    soak.add_argument('--seed', type=_seed, metavar='N', help='of the boots\' seeds')
    soak.add_argument('--jobs', type=_positive, metavar='N',
                      help='boots at the same time; default: as many as it runs well')

    kselftest = verbs.add_parser('kselftest', help='the selftests from user space, in a machine '
                                 'of their own')
    _add_kernel(kselftest)
    kselftest.set_defaults(target='q35')
    kselftest.add_argument('--debian', action='store_true',
                           help='on Debian\'s own kernel, unchanged, instead of one built here')
    kselftest.add_argument('--tests', metavar='NAMES', type=lambda text: text.split(','),
                           default=[], help='only these programs, with commas')
    kselftest.add_argument('--fault', metavar='NAME', default='', help='of the stub')
    kselftest.add_argument('--faults', metavar='GLOBS', nargs='?', const='*',
                           help='once for each fault that user space can see')
    kselftest.add_argument('--commands', type=_positive, metavar='N',
                           help='of the fuzzer; default: its own')
    kselftest.add_argument('--seed', type=_seed, metavar='N', help='of the fuzzer')

    _add_bench(verbs.add_parser('bench', help='measure what the channels can do'))

    test = verbs.add_parser('test', help='the tools\' own tests, the targets with a settled '
                            'verdict, and the fault matrix')
    _add_kernel(test, several=True)
    test.set_defaults(target=targets.TESTED)

    table = verbs.add_parser('table', help='targets side by side, from the results of runs')
    table.add_argument('results', type=Path, nargs='+', metavar='RESULTS.json')
    table.add_argument('--undecided', action='store_true',
                       help='instead: the rules that were decided on no real driver, and why')

    _add_certification(verbs)
    _add_field(verbs)

    check = verbs.add_parser('check', help='style and static checks')
    _add_kernel(check)

    coverage = verbs.add_parser('coverage', help='what of the dmaengine core runs while the '
                                'suite does')
    _add_kernel(coverage)
    coverage.add_argument('--out', type=Path, metavar='DIR', default=BUILD / 'coverage',
                          help='the HTML; default: %(default)s')

    new = verbs.add_parser('new', help='a new rule and its fault, to be filled in')
    new.add_argument('rule', metavar='AREA.NAME')

    patches = verbs.add_parser('patches', help='the project as a series for `git am`, for a '
                               'kernel tree')
    patches.add_argument('--out', type=Path, metavar='DIR', default=BUILD / 'patches',
                         help='write it there; default: %(default)s')
    patches.add_argument('--check', action='store_true', help='apply it to a copy of the tree, '
                         'with checkpatch.pl and a build at each step')
    _add_kernel(patches)

    setup = verbs.add_parser('setup', help='packages, kernel source and graft, no build')
    _add_kernel(setup)

    for verb, what in (('graft', 'put the suite into a kernel tree'),
                       ('ungraft', 'take it out again')):
        verbs.add_parser(verb, help=what).add_argument('ksrc', type=Path, metavar='KSRC')
    return parser


def _add_certification(verbs: 'argparse._SubParsersAction[argparse.ArgumentParser]') -> None:
    certify = verbs.add_parser('certify', help='make a package of a run that anyone can verify')
    certify.add_argument('run', type=Path, metavar='DIR', help='what `run --evidence` or '
                         'dmaconf-run left behind, a folder or an archive')
    certify.add_argument('--profile', required=True, metavar='NAME', help='what it is held '
                         'against; `profiles` lists them')
    certify.add_argument('--out', type=Path, metavar='FILE', help='default: '
                         'dmaconf-<driver>-<profile>.tar.gz')
    certify.add_argument('--sign', dest='key', type=Path, metavar='KEY',
                         help='sign it with this minisign secret key')

    verify = verbs.add_parser('verify', help='check a package without trusting who made it')
    verify.add_argument('package', type=Path, metavar='PACKAGE')
    verify.add_argument('--key', type=Path, metavar='PUB', help='the minisign public key that '
                        'must have signed it')

    diff = verbs.add_parser('diff', help='what changed between two packages or results; exit '
                            'code 1 if a rule is newly failing')
    diff.add_argument('before', type=Path, metavar='A')
    diff.add_argument('after', type=Path, metavar='B')

    profiles = verbs.add_parser('profiles', help='the certification profiles, and whether their '
                                'lists are up to date')
    profiles.add_argument('--write', action='store_true', help='make the lists again; one that '
                          'differs gets the next version')


def _add_field(verbs: 'argparse._SubParsersAction[argparse.ArgumentParser]') -> None:
    """What is for other kernels: boards, and histories of a tree."""
    bisect = verbs.add_parser('bisect', help='find the commit of a kernel tree that broke a rule')
    bisect.add_argument('good', help='a commit that keeps the rule')
    bisect.add_argument('bad', help='a later one that breaks it')
    bisect.add_argument('--rule', dest='rules', required=True, metavar='ID')
    bisect.add_argument('--device', metavar='SEL', help='default: the target\'s own')
    _add_kernel(bisect)
    bisect.add_argument('--step', action='store_true', help=argparse.SUPPRESS)

    bundle = verbs.add_parser('bundle', help='one archive with all that a board needs to be '
                              'tested and certified')
    bundle.add_argument('--kdir', type=Path, required=True, metavar='DIR',
                        help='build folder of the board\'s kernel')
    bundle.add_argument('--arch', default=platform.machine(), metavar='ARCH',
                        help='the kernel\'s ARCH; default: %(default)s')
    bundle.add_argument('--cross-compile', default='', metavar='PREFIX',
                        help='prefix of the compiler, with its trailing dash')
    bundle.add_argument('--ksrc', type=Path, metavar='DIR', help='the kernel\'s source, for '
                        'the stub and the selftests, where DIR does not lead to it')
    bundle.add_argument('--out', type=Path, metavar='FILE', help='default: its name')


def _add_bench(bench: argparse.ArgumentParser) -> None:
    _add_kernel(bench)
    bench.add_argument('--device', metavar='SEL', help='what is measured; default: the target\'s '
                       'own')
    bench.add_argument('--sweep', metavar='NAMES', help='only these sweeps, with commas; '
                       '"list" tells which there are')
    bench.add_argument('--rounds', type=_positive, metavar='N', default=5,
                       help='rounds of each sweep; default: %(default)s')
    bench.add_argument('--timeout-ms', type=_positive, metavar='N',
                       help='bound of one wait for the engine; default: the target\'s own')
    bench.add_argument('--growth', action='store_true', help='also: what the complete suite '
                       'takes as the stub has more channels')
    bench.add_argument('--vs', choices=['dmatest'], help='measure it beside each point')
    bench.add_argument('--json', type=Path, metavar='FILE', help='write the figures there')
    bench.add_argument('--plot', type=Path, metavar='FILE.svg', help='draw them there')
    bench.add_argument('--against', type=Path, metavar='FILE', help='tell what has changed '
                       'since that was written by --json; exit 1 if something is slower')


def _add_kernel(parser: argparse.ArgumentParser, several: bool = False) -> None:
    tree = parser.add_mutually_exclusive_group()
    tree.add_argument('--kernel', default=source.KERNELS[0], metavar='VERSION',
                      help='Debian\'s source of this kernel, one of '
                      f'{", ".join(source.KERNELS)}; default: %(default)s')
    tree.add_argument('--ksrc', type=Path, metavar='DIR', help='your own kernel tree')
    known = [*targets.names(), *([targets.ALL, *targets.groups()] if several else [])]
    parser.add_argument('--target', default='uml', metavar='NAMES' if several else 'NAME',
                        help=f'{"some" if several else "one"} of {", ".join(known)}; '
                        'default: %(default)s')
    parser.add_argument('--debug', action='store_true',
                        help='with the kernel\'s debugging aids (KASAN, lockdep, ...)')


def _add_plain_time(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('--plain-time', action='store_true',
                        help='the clock runs, also where it could jump while everything waits')


def _add_rules(parser: argparse.ArgumentParser) -> None:
    parser.add_argument('--rules', metavar='GLOB',
                        help='only these rules: ids, areas or globs, separated by commas')


def _seed(text: str) -> int:
    value = int(text, 0)
    if not 0 <= value < 1 << 32:
        raise argparse.ArgumentTypeError(f'{text} is not a 32 bit number')
    return value


def _positive(text: str) -> int:
    value = int(text, 0)
    if value <= 0:
        raise argparse.ArgumentTypeError(f'{text} is not above zero')
    return value
