/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "src/err.h"

#include <stdarg.h>
#include <stdio.h>

int err_set(struct err *err, int code, const char *format, ...)
{
	if (err->code)
		return err->code;
	va_list args;
	va_start(args, format);
	vsnprintf(err->text, sizeof err->text, format, args);
	va_end(args);
	return err->code = code;
}
