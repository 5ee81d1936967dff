# SPDX-License-Identifier: GPL-2.0-only
# Samsung Exynos4210 on the SMDK board: three PL330, two CPUs.

from pathlib import Path

from ..qemu_config import QemuArchParams

QEMU_ARCH = QemuArchParams(
    linux_arch='arm',
    kconfig=(Path(__file__).parent / 'armv7.config').read_text(),
    qemu_arch='arm',
    kernel_path='arch/arm/boot/zImage',
    kernel_command_line='console=ttySAC0',
    # Where kunit.py builds by default; with another --build_dir add
    # --qemu_args='-dtb <build_dir>/arch/arm/boot/dts/samsung/exynos4210-smdkv310.dtb'.
    extra_qemu_params=['-machine', 'smdkc210', '-smp', '2',
                       '-dtb', '.kunit/arch/arm/boot/dts/samsung/exynos4210-smdkv310.dtb'])

DMACONF = {
    'description': 'Samsung Exynos4210 in QEMU: 3 x PL330, two CPUs',
    'arch': 'arm',
    'kernel': 'armv7',
    'dtb': 'samsung/exynos4210-smdkv310.dtb',
    'device': 'memory-port/pdma0,12850000.dma-controller/0',
    'packages': ['gcc-arm-linux-gnueabi', 'qemu-system-arm'],
    # The SMDK's second CPU cannot be started without it.
    'kconfig_add': ['CONFIG_SUSPEND=y'],
    'cross_compile': 'arm-linux-gnueabi-',
    'quirks': [
        "one channel each of two of the three engines, which are alike: one with a request line, "
        "whose peripheral is memory (smdkc210.dtso), and one for memory copies only",
        "the board can neither power off nor restart in QEMU",
    ],
    'ends': False,
    'timeout_ms': 2000,
    'silence_s': 60,
    'boot_timeout_s': 600,
    'objects': 745,
}
