/* One error for the user.  SPDX-License-Identifier: GPL-3.0-or-later */
#include "src/base/err.h"

#include <stdarg.h>
#include <stdio.h>

/* Messages may quote user input: keep them on one line and harmless to a terminal. */
static void flatten(char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 127)
			*text = '?';
}

int err_set(struct err *err, int code, const char *format, ...)
{
	if (err->code)
		return err->code;
	va_list args;
	va_start(args, format);
	vsnprintf(err->text, sizeof err->text, format, args);
	va_end(args);
	flatten(err->text);
	return err->code = code;
}
