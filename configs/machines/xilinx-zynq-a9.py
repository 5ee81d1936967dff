# SPDX-License-Identifier: GPL-2.0-only
# Xilinx Zynq 7000 on the ZC702 board: one PL330 of eight channels, one CPU.

from pathlib import Path

from ..qemu_config import QemuArchParams

QEMU_ARCH = QemuArchParams(
    linux_arch='arm',
    kconfig=(Path(__file__).parent / 'armv7.config').read_text(),
    qemu_arch='arm',
    kernel_path='arch/arm/boot/zImage',
    kernel_command_line='console=ttyPS0',
    # The board's console is the second serial port; kunit.py sets up the first.
    serial='null',
    # Where kunit.py builds by default; with another --build_dir add
    # --qemu_args='-dtb <build_dir>/arch/arm/boot/dts/xilinx/zynq-zc702.dtb'.
    extra_qemu_params=['-machine', 'xilinx-zynq-a9', '-serial', 'stdio',
                       '-dtb', '.kunit/arch/arm/boot/dts/xilinx/zynq-zc702.dtb'])

DMACONF = {
    'description': 'Xilinx Zynq in QEMU: PL330, 8 channels',
    'arch': 'arm',
    'kernel': 'armv7',
    'dtb': 'xilinx/zynq-zc702.dtb',
    'device': 'memory-port/line0,f8003000.dma-controller/7',
    'packages': ['gcc-arm-linux-gnueabi', 'qemu-system-arm'],
    'kconfig_add': ['CONFIG_SUSPEND=y'],
    'quirks': [
        "two of the eight channels, which are alike: one with a request line, whose peripheral "
        "is memory (xilinx-zynq-a9.dtso), and one without, whose driver can be unbound",
    ],
    'cross_compile': 'arm-linux-gnueabi-',
    'groups': ['tested'],
    'timeout_ms': 2000,
    'silence_s': 60,
    'boot_timeout_s': 600,
    'objects': 745,
}
