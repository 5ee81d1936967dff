# SPDX-License-Identifier: GPL-2.0-only
# ARM Versatile/PB: a PL080, which amba-pl08x offers as two devices, one of memcpy
# channels and one of slave channels.

from ..qemu_config import QemuArchParams

QEMU_ARCH = QemuArchParams(
    linux_arch='arm',
    kconfig='''
# CONFIG_SMP is not set
# CONFIG_ARCH_MULTI_V7 is not set
CONFIG_ARCH_MULTI_V5=y
CONFIG_ARCH_VERSATILE=y
CONFIG_AEABI=y
CONFIG_POWER_RESET_VERSATILE=y
CONFIG_DMADEVICES=y
CONFIG_AMBA_PL08X=y
CONFIG_DMACONF_AID_PL080=y
CONFIG_HIGH_RES_TIMERS=y
CONFIG_TTY=y
CONFIG_SERIAL_AMBA_PL011=y
CONFIG_SERIAL_AMBA_PL011_CONSOLE=y
''',
    qemu_arch='arm',
    kernel_path='arch/arm/boot/zImage',
    kernel_command_line='console=ttyAMA0',
    # Where kunit.py builds by default; with another --build_dir add
    # --qemu_args='-dtb <build_dir>/arch/arm/boot/dts/arm/versatile-pb.dtb'.
    extra_qemu_params=['-machine', 'versatilepb', '-m', '256',
                       '-dtb', '.kunit/arch/arm/boot/dts/arm/versatile-pb.dtb'])

DMACONF = {
    'description': 'ARM Versatile/PB in QEMU: amba-pl08x, 8 memcpy and 16 slave channels',
    'arch': 'arm',
    'dtb': 'arm/versatile-pb.dtb',
    'device': '10130000.dma/0,10130000.dma:2/0',
    'packages': ['gcc-arm-linux-gnueabi', 'qemu-system-arm'],
    'cross_compile': 'arm-linux-gnueabi-',
    'kernel_args': ['oops=panic', 'panic=-1'],
    'quirks': [
        'one memcpy and one slave channel of 24, for those of a device are alike, and every '
        'finding takes its time on each; DEVICE=pl08xdmac tests all. They are two devices, '
        'registered for one: the second is called 10130000.dma:2',
        'lists of descriptors are on the first bus only, by an overlay: with the second one the '
        'emulator itself dies of *** stack smashing detected ***',
        'the model never raises its interrupt by itself; a timer has it do so, see '
        'kunit/aids/pl080.c and the overlay',
        'no aid with a data port: on a slave channel only what needs no transfer is tested',
    ],
    'timeout_ms': 1000,
    'silence_s': 30,
    'boot_timeout_s': 600,
    'objects': 700,
}
