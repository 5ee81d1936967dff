# SPDX-License-Identifier: GPL-2.0-only
# Xilinx Versal, QEMU's virtual board: eight zynqmp_dma engines of one memcpy
# channel each. QEMU generates the device tree.

from ..qemu_config import QemuArchParams

QEMU_ARCH = QemuArchParams(
    linux_arch='arm64',
    kconfig='''
CONFIG_ARCH_ZYNQMP=y
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
    'device': 'xilinx-zynqmp-dma',
    'packages': ['gcc-aarch64-linux-gnu', 'qemu-system-arm'],
    'cross_compile': 'aarch64-linux-gnu-',
    'kernel_args': ['maxcpus=1'],
    'quirks': [
        "one CPU: the model ends a transfer within the register write that starts it, so "
        "only holding interrupts off, on the CPU that takes them, keeps one in flight",
    ],
    'timeout_ms': 2000,
    'silence_s': 60,
    'boot_timeout_s': 600,
    'objects': 910,
}
