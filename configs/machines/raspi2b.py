# SPDX-License-Identifier: GPL-2.0-only
# Raspberry Pi 2: bcm2835-dma, eleven channels that Linux may use.

from pathlib import Path

from ..qemu_config import QemuArchParams

QEMU_ARCH = QemuArchParams(
    linux_arch='arm',
    kconfig=(Path(__file__).parent / 'armv7.config').read_text(),
    qemu_arch='arm',
    kernel_path='arch/arm/boot/zImage',
    kernel_command_line='console=ttyAMA0',
    # Where kunit.py builds by default; with another --build_dir add
    # --qemu_args='-dtb <build_dir>/arch/arm/boot/dts/broadcom/bcm2836-rpi-2-b.dtb'.
    extra_qemu_params=['-machine', 'raspi2b',
                       '-dtb', '.kunit/arch/arm/boot/dts/broadcom/bcm2836-rpi-2-b.dtb'])

DMACONF = {
    'description': 'Raspberry Pi 2 in QEMU: bcm2835-dma, 11 channels',
    'arch': 'arm',
    'kernel': 'armv7',
    'dtb': 'broadcom/bcm2836-rpi-2-b.dtb',
    'device': 'bcm2835-dma',
    'packages': ['gcc-arm-linux-gnueabi', 'qemu-system-arm'],
    'cross_compile': 'arm-linux-gnueabi-',
    'kernel_args': ['maxcpus=1'],
    # The model subtracts 4 from the length until it meets 0.
    'dmatest': ['dmatest.alignment=2'],
    'timeout_ms': 2000,
    'silence_s': 60,
    'boot_timeout_s': 600,
    'objects': 745,
}
