# SPDX-License-Identifier: GPL-2.0-only
# Xilinx Versal, QEMU's virtual board: eight zynqmp_dma engines of one memcpy
# channel each. QEMU generates the device tree.

from ..qemu_config import QemuArchParams

QEMU_ARCH = QemuArchParams(
    linux_arch='arm64',
    kconfig='''
CONFIG_ARCH_ZYNQMP=y
CONFIG_SMP=y
CONFIG_PM=y
CONFIG_COMMON_CLK=y
CONFIG_ZYNQMP_FIRMWARE=y
CONFIG_COMMON_CLK_ZYNQMP=y
CONFIG_DMADEVICES=y
CONFIG_XILINX_ZYNQMP_DMA=y
CONFIG_TTY=y
CONFIG_SERIAL_AMBA_PL011=y
CONFIG_SERIAL_AMBA_PL011_CONSOLE=y
''',
    qemu_arch='aarch64',
    kernel_path='arch/arm64/boot/Image',
    kernel_command_line='console=ttyAMA0',
    extra_qemu_params=['-machine', 'xlnx-versal-virt'])

DMACONF = {
    'description': 'Xilinx Versal in QEMU: 8 x zynqmp_dma',
    'arch': 'arm64',
    'device': 'ffa80000.dma,ffaf0000.dma',
    'packages': ['gcc-aarch64-linux-gnu', 'qemu-system-arm'],
    'cross_compile': 'aarch64-linux-gnu-',
    'kernel_args': ['oops=panic', 'panic=-1'],
    'quirks': [
        'two of eight devices, the first and the last, for all are one model and one driver, '
        'and every finding takes its time on each; DEVICE=xilinx-zynqmp-dma tests all',
        'an oops outside a thread leaves a kernel that says nothing more, so it is a panic, and '
        'the emulator ends with it',
    ],
    'groups': ['tested'],
    'timeout_ms': 1000,
    'silence_s': 30,
    'boot_timeout_s': 600,
    'objects': 910,
}
