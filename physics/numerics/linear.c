/* Small dense systems of equations.  The LU and Cholesky solvers of GSL take four times as long at n = 2
 * and twice as long at n = 10 (gcc 12, GSL 2.7); eigenvalues are GSL's.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "physics/numerics/linear.h"

#include <gsl/gsl_eigen.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_sort.h>
#include <math.h>

double linear_solve(double *a, double *b, int n)
{
	double det = 1;
	for (int k = 0; k < n; k++) {
		int pivot = k;
		for (int i = k + 1; i < n; i++)
			if (fabs(a[i * n + k]) > fabs(a[pivot * n + k]))
				pivot = i;
		if (!(fabs(a[pivot * n + k]) > 0))
			return 0;
		if (pivot != k) {
			for (int j = 0; j < n; j++) {
				double t = a[k * n + j];
				a[k * n + j] = a[pivot * n + j];
				a[pivot * n + j] = t;
			}
			double t = b[k];
			b[k] = b[pivot];
			b[pivot] = t;
			det = -det;
		}
		det *= a[k * n + k];
		for (int i = k + 1; i < n; i++) {
			double factor = a[i * n + k] / a[k * n + k];
			for (int j = k; j < n; j++)
				a[i * n + j] -= factor * a[k * n + j];
			b[i] -= factor * b[k];
		}
	}
	for (int i = n - 1; i >= 0; i--) {
		for (int j = i + 1; j < n; j++)
			b[i] -= a[i * n + j] * b[j];
		b[i] /= a[i * n + i];
	}
	return det;
}

int linear_solve_positive(int n, const double *A, const double *b, double *y)
{
	double L[LINEAR_MAX][LINEAR_MAX]; /* its diagonal holds inverses */
	for (int i = 0; i < n; i++) {
		for (int j = 0; j <= i; j++) {
			double sum = A[i * n + j];
			for (int k = 0; k < j; k++)
				sum -= L[i][k] * L[j][k];
			if (i == j && !(sum > 1e-13))
				return 0;
			L[i][j] = i == j ? 1 / sqrt(sum) : sum * L[j][j];
		}
	}
	for (int i = 0; i < n; i++) {
		y[i] = b[i];
		for (int k = 0; k < i; k++)
			y[i] -= L[i][k] * y[k];
		y[i] *= L[i][i];
	}
	for (int i = n - 1; i >= 0; i--) {
		for (int k = i + 1; k < n; k++)
			y[i] -= L[k][i] * y[k];
		y[i] *= L[i][i];
	}
	return 1;
}

int linear_eigen(int n, double *A, double *value, double *vector)
{
	gsl_matrix_view a = gsl_matrix_view_array(A, (size_t)n, (size_t)n);
	gsl_vector_view e = gsl_vector_view_array(value, (size_t)n);
	int status;
	if (vector) {
		gsl_matrix_view v = gsl_matrix_view_array(vector, (size_t)n, (size_t)n);
		gsl_eigen_symmv_workspace *w = gsl_eigen_symmv_alloc((size_t)n);
		if (!w)
			return GSL_ENOMEM;
		status = gsl_eigen_symmv(&a.matrix, &e.vector, &v.matrix, w);
		gsl_eigen_symmv_free(w);
		gsl_eigen_symmv_sort(&e.vector, &v.matrix, GSL_EIGEN_SORT_VAL_ASC);
		return status;
	}
	gsl_eigen_symm_workspace *w = gsl_eigen_symm_alloc((size_t)n);
	if (!w)
		return GSL_ENOMEM;
	status = gsl_eigen_symm(&a.matrix, &e.vector, w);
	gsl_eigen_symm_free(w);
	gsl_sort(value, 1, (size_t)n);
	return status;
}
