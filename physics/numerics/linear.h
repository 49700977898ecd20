/* Small dense systems of linear equations and symmetric eigenvalue problems, row-major n x n matrices.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef MATTIS_NUMERICS_LINEAR_H
#define MATTIS_NUMERICS_LINEAR_H

enum { LINEAR_MAX = 24 }; /* largest n of linear_solve_positive */

/* Solves a y = b in place, by elimination with row pivots: b becomes y, a is destroyed.  Returns the
 * determinant of a; 0 if it is singular. */
double linear_solve(double *a, double *b, int n);

/* Solves A y = b for a symmetric positive definite A, by Cholesky's method.  Returns 1, or 0 if A is not
 * positive definite to rounding (then y is not set). */
int linear_solve_positive(int n, const double *A, const double *b, double *y);

/* Computes the eigenvalues of a symmetric A in ascending order and, unless vector is null, the eigenvectors
 * as its columns.  A is destroyed.  Returns a GSL error code. */
int linear_eigen(int n, double *A, double *value, double *vector);

#endif
