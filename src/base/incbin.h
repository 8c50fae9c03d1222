/* SPDX-License-Identifier: GPL-3.0-or-later */
/* incbin.h - a file as bytes in the program. */
#ifndef EG_BASE_INCBIN_H
#define EG_BASE_INCBIN_H

/* Declares `name`, the bytes of the file with a NUL behind them, and `name`_len, how many they are without it. `path` is
 * relative to where make runs; the Makefile has a line by which the object depends on the file. At file scope, once in a
 * source. */
#define EG_INCBIN(name, path) \
	__asm__(".pushsection .rodata\n" \
	    #name ": .incbin \"" path "\"\n" \
	    "1: .byte 0\n" \
	    ".balign 4\n" \
	    #name "_len: .long 1b - " #name "\n" \
	    ".popsection"); \
	extern const char name[] __attribute__((visibility("hidden"))); \
	extern const unsigned name##_len __attribute__((visibility("hidden")))

#endif
