# SPDX-License-Identifier: MIT
"""A Linux kernel, as far as a loader for BIOS can tell (Documentation/arch/x86/boot.rst): it writes its command line to the
first serial port, as a line of its own, and restarts the machine."""

import struct

SECTOR = 512
SETUP_SECTORS = 4
ENTRY = 0x268  # after the header of protocol 2.12; the setup begins at 0x200

# Entered in real mode, with the address of the setup's first sector in ds.
CODE = bytes.fromhex(
    "fc"  # cld
    "b00a baf803 ee"  # mov al, 10; mov dx, 0x3f8; out dx, al
    "66a12802 6689c6"  # mov eax, [0x228] (cmd_line_ptr); mov esi, eax
    "66c1e804 8ed8 6683e60f"  # shr eax, 4; mov ds, ax; and esi, 15
    "ac 84c0 7412"  # next: lodsb; test al, al; jz end
    "88c3 bafd03"  # mov bl, al; mov dx, 0x3fd
    "ec a820 74fb"  # busy: in al, dx; test al, 32; jz busy
    "88d8 baf803 ee ebe9"  # mov al, bl; mov dx, 0x3f8; out dx, al; jmp next
    "b00a baf803 ee"  # end: mov al, 10; mov dx, 0x3f8; out dx, al
    "b0fe e664 f4 ebfd"  # mov al, 0xfe; out 0x64, al (the keyboard controller resets); hlt; jmp to hlt
)


def echo_kernel() -> bytes:
    setup = bytearray(SECTOR * (1 + SETUP_SECTORS))
    for form, at, value in (
            ("B", 0x1F1, SETUP_SECTORS),
            ("H", 0x1FE, 0xAA55),  # boot_flag
            ("H", 0x206, 0x020C),  # version
            ("B", 0x211, 1),  # loadflags: LOADED_HIGH
            ("I", 0x214, 0x100000),  # code32_start
            ("I", 0x1F4, SECTOR // 16),  # syssize, of what follows the setup
            ("I", 0x22C, 0x7FFFFFFF),  # initrd_addr_max
            ("I", 0x230, 0x1000),  # kernel_alignment
            ("I", 0x238, 2047)):  # cmdline_size
        struct.pack_into("<" + form, setup, at, value)
    setup[0x200:0x206] = bytes([0xEB, ENTRY - 0x202]) + b"HdrS"
    setup[ENTRY:ENTRY + len(CODE)] = CODE
    return bytes(setup) + bytes(SECTOR)
