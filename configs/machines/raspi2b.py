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
    'device': 'soc:memory-port',
    'packages': ['gcc-arm-linux-gnueabi', 'qemu-system-arm'],
    'kconfig_add': ['CONFIG_SUSPEND=y'],
    'cross_compile': 'arm-linux-gnueabi-',
    # The model subtracts 4 from the length until it meets 0.
    'dmatest': ['dmatest.alignment=2'],
    'kernel_args': ['maxcpus=1', 'dmaconf.align=4'],
    'quirks': [
        "one of the eleven channels, which are alike, requested as a peripheral's "
        "(raspi2b.dtso). With one that is named by its number, whose driver is then unbound "
        "too, the kernel crashes in the next request by way of the device tree: the driver "
        "leaves its entry there (configs/waivers/bcm2835-dma.toml)",
        "align=4: the model subtracts 4 from the length until it meets 0, and does not "
        "return from a transfer whose length is no multiple of 4",
        "one CPU, as four are slower: the host emulates each",
    ],
    'timeout_ms': 2000,
    'silence_s': 60,
    'boot_timeout_s': 600,
    'objects': 745,
}
