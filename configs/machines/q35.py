# SPDX-License-Identifier: GPL-2.0-only
# A PC in QEMU with two CPUs and the stub provider: for races between CPUs, and
# for the kernel's own debugging aids, of which user-mode Linux has few.
#
# ACPI is there for its timer: with the interval timer alone, the speed of the
# time stamp counter cannot be told while the host is busy.

from ..qemu_config import QemuArchParams

QEMU_ARCH = QemuArchParams(
    linux_arch='x86_64',
    kconfig='''
CONFIG_SMP=y
CONFIG_NR_CPUS=2
CONFIG_PREEMPT=y
CONFIG_ACPI=y
CONFIG_SERIAL_8250=y
CONFIG_SERIAL_8250_CONSOLE=y
CONFIG_PROCESSOR_SELECT=y
# CONFIG_ACPI_AC is not set
# CONFIG_ACPI_BATTERY is not set
# CONFIG_ACPI_FAN is not set
# CONFIG_ACPI_PCC is not set
# CONFIG_ACPI_PROCESSOR is not set
# CONFIG_ACPI_SPCR_TABLE is not set
# CONFIG_CPU_MITIGATIONS is not set
# CONFIG_CPU_SUP_CENTAUR is not set
# CONFIG_CPU_SUP_HYGON is not set
# CONFIG_CPU_SUP_ZHAOXIN is not set
# CONFIG_DEVMEM is not set
# CONFIG_DMIID is not set
# CONFIG_FIRMWARE_MEMMAP is not set
# CONFIG_FTRACE is not set
# CONFIG_IOMMU_SUPPORT is not set
# CONFIG_LEGACY_PTYS is not set
# CONFIG_MISC_FILESYSTEMS is not set
# CONFIG_MTRR is not set
# CONFIG_PCSPKR_PLATFORM is not set
# CONFIG_PERF_EVENTS_AMD_UNCORE is not set
# CONFIG_PREEMPT_DYNAMIC is not set
# CONFIG_RANDOMIZE_BASE is not set
# CONFIG_SCHED_MC_PRIO is not set
# CONFIG_SECRETMEM is not set
# CONFIG_SERIAL_8250_DMA is not set
# CONFIG_SURFACE_PLATFORMS is not set
# CONFIG_VIRTUALIZATION is not set
# CONFIG_X86_5LEVEL is not set
# CONFIG_X86_16BIT is not set
# CONFIG_X86_IOPL_IOPERM is not set
# CONFIG_X86_KERNEL_IBT is not set
# CONFIG_X86_MCE is not set
# CONFIG_X86_PLATFORM_DEVICES is not set
# CONFIG_X86_UMIP is not set
# CONFIG_X86_VERBOSE_BOOTUP is not set
# CONFIG_X86_VSYSCALL_EMULATION is not set
''',
    qemu_arch='x86_64',
    kernel_path='arch/x86/boot/bzImage',
    kernel_command_line='console=ttyS0',
    extra_qemu_params=['-machine', 'q35', '-smp', '2'])

DMACONF = {
    'description': 'PC with two CPUs in QEMU, stub provider, debugging aids',
    'arch': 'x86_64',
    'device': 'stub',
    'packages': ['gcc', 'libelf-dev', 'qemu-system-x86'],
    'debug': True,
    'timeout_ms': 2000,
    'silence_s': 60,
    'boot_timeout_s': 1800,
    'objects': 950,
}
