/* SPDX-License-Identifier: GPL-3.0-or-later */
/* main.c - alone, so that tests can link everything else. */
#include "ctl/ctl.h"

int
main(int argc, char **argv)
{
	return embedctl_main(argc, argv);
}
