# SPDX-License-Identifier: GPL-2.0-only
# SiFive Unleashed: sf-pdma, four memcpy channels, two CPUs. QEMU generates the
# device tree, and the firmware is the one that it comes with.

from ..qemu_config import QemuArchParams

QEMU_ARCH = QemuArchParams(
    linux_arch='riscv',
    kconfig='''
CONFIG_SMP=y
CONFIG_NONPORTABLE=y
CONFIG_ARCH_SIFIVE=y
CONFIG_RISCV_ISA_FALLBACK=y
CONFIG_RISCV_SBI=y
CONFIG_COMMON_CLK=y
CONFIG_CLK_SIFIVE=y
CONFIG_CLK_SIFIVE_PRCI=y
CONFIG_DMADEVICES=y
CONFIG_SF_PDMA=y
CONFIG_TTY=y
CONFIG_SERIAL_SIFIVE=y
CONFIG_SERIAL_SIFIVE_CONSOLE=y
''',
    qemu_arch='riscv64',
    kernel_path='arch/riscv/boot/Image',
    kernel_command_line='console=ttySIF0',
    extra_qemu_params=['-machine', 'sifive_u', '-smp', '3'])

DMACONF = {
    'description': 'SiFive Unleashed in QEMU: sf-pdma, 4 channels, 2 CPUs',
    'arch': 'riscv',
    'device': '3000000.dma/0,3000000.dma/3',
    'packages': ['gcc-riscv64-linux-gnu', 'qemu-system-misc', 'opensbi'],
    'cross_compile': 'riscv64-linux-gnu-',
    'kernel_args': ['oops=panic', 'panic=-1'],
    'quirks': [
        'two of four channels, for all are alike, and every finding takes its time on each; '
        'DEVICE=sf-pdma tests all',
        'three harts, two CPUs: the first hart is a monitor core without an MMU',
        'an oops in the tasklet leaves a kernel that says nothing more, so it is a panic, and '
        'the emulator ends with it',
    ],
    'groups': ['tested'],
    'timeout_ms': 1000,
    'silence_s': 30,
    'boot_timeout_s': 600,
    'objects': 950,
}
