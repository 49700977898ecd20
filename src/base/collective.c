/* Agreement between ranks.  SPDX-License-Identifier: GPL-3.0-or-later */
#include "src/base/collective.h"

#include <mpi.h>
#include <stdlib.h>

int collective_err(struct err *err)
{
	int rank, size, lowest;

	MPI_Comm_rank(MPI_COMM_WORLD, &rank);
	MPI_Comm_size(MPI_COMM_WORLD, &size);
	int failing = err->code ? rank : size;
	MPI_Allreduce(&failing, &lowest, 1, MPI_INT, MPI_MIN, MPI_COMM_WORLD);
	if (lowest < size)
		MPI_Bcast(err, (int)sizeof *err, MPI_BYTE, lowest, MPI_COMM_WORLD);
	return err->code;
}

int collective_text(char **text, size_t *length, struct err *err)
{
	unsigned long long n = *length;
	int rank;

	if (collective_err(err))
		return err->code;
	MPI_Comm_rank(MPI_COMM_WORLD, &rank);
	MPI_Bcast(&n, 1, MPI_UNSIGNED_LONG_LONG, 0, MPI_COMM_WORLD);
	*length = (size_t)n;
	if (rank != 0 && !(*text = calloc(1, *length + 1)))
		err_set(err, EXIT_FAILED, "out of memory");
	if (collective_err(err))
		return err->code;
	MPI_Bcast(*text, (int)*length, MPI_CHAR, 0, MPI_COMM_WORLD);
	return 0;
}
