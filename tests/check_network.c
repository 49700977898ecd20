/* The contract of networks (physics/network.h): networks_validate() finds every mistake, and says what is
 * missing.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/suite.h"

#include <stdio.h>
#include <string.h>

#include "tests/third_network/network.h"

/* Networks of the table and of the tests that fulfil the contract. */
START_TEST(test_good)
{
	char why[200] = "";

	ck_assert_msg(networks_validate(why, sizeof why) == 0, "%s", why);
	ck_assert_msg(network_validate(&third_network, why, sizeof why) == 0, "%s", why);
	ck_assert_msg(network_validate(&minimal_network, why, sizeof why) == 0, "%s", why);
}
END_TEST

/* Asserts that the third network is refused for that reason after an assignment to a field of it. */
static void refused(struct network bad, const char *reason)
{
	char why[200] = "";
	ck_assert_msg(network_validate(&bad, why, sizeof why) != 0, "not refused: %s", reason);
	ck_assert_msg(strstr(why, reason) != NULL, "%s: %s", reason, why);
	if (bad.name)
		ck_assert_msg(strstr(why, bad.name) != NULL, "no name of the network: %s", why);
}

#define REFUSED(field, value, reason)                                                                        \
	do {                                                                                                 \
		struct network bad = third_network;                                                          \
		bad.field = (value);                                                                         \
		refused(bad, reason);                                                                        \
	} while (0)

START_TEST(test_required)
{
	REFUSED(name, NULL, "are required");
	REFUSED(quantities, NULL, "are required");
	REFUSED(check, NULL, "are required");
	REFUSED(branches, NULL, "are required");
	REFUSED(solve_row, NULL, "are required");
}
END_TEST

START_TEST(test_parameters)
{
	static const struct parameter taken[] = {
		{"T", .meaning = "-", PARAMETER_FIELD(own[0]), .used_by = USED_BY_ALL}, {0}};
	static const struct parameter no_meaning[] = {
		{"h", PARAMETER_FIELD(own[0]), .used_by = USED_BY_ALL}, {0}};
	static const struct parameter unused[] = {{"h", .meaning = "-", PARAMETER_FIELD(own[0])}, {0}};
	static const struct parameter no_slot[] = {
		{"h", .meaning = "-", PARAMETER_FIELD(K), .used_by = USED_BY_ALL}, {0}};
	static const struct parameter two_sampled[] = {
		{"h", .meaning = "-", PARAMETER_FIELD(own[0]), .used_by = USED_BY_ALL, .sampled = 1},
		{"k", .meaning = "-", PARAMETER_FIELD(own[1]), .used_by = USED_BY_ALL, .sampled = 1},
		{0}};
	static const char *const unknown[] = {"h", NULL};
	static const struct solve_option no_fallback[] = {{"x", .meaning = "-"}, {0}};
	static const struct solve_option no_room[] = {{"x", "-", "1", .slot = MAX_OPTIONS}, {0}};

	REFUSED(uses, unknown, "uses h, which is no shared parameter");
	REFUSED(parameters, taken, "parameter T: this name is taken");
	REFUSED(parameters, no_meaning, "parameter h needs a meaning");
	REFUSED(parameters, unused, "parameter h needs a meaning, min <= max and used_by");
	REFUSED(parameters, no_slot, "parameter h must be PARAMETER_FIELD(own[slot])");
	REFUSED(parameters, NULL, "needs J, a parameter that it does not list");
	REFUSED(parameters, two_sampled, "more than one parameter is sampled");
	REFUSED(needs, unknown, "needs h");
	REFUSED(options, no_fallback, "option x needs");
	REFUSED(options, no_room, "option x needs");
}
END_TEST

/* A list of quantities: a status, and one that is wrong. */
#define STATUS(name_) {name_, NULL, "-", FLAG, PER_BRANCH, .role = ROLE_STATUS, .flags = status_flags}
#define WITH_STATUS(...) ((const struct quantity[]){STATUS("s"), {__VA_ARGS__}, {0}})

START_TEST(test_quantities)
{
	static const char *const words[] = {"a", "b", NULL};
	static const struct quantity no_status[] = {
		{"m", "m", "-", REAL, PER_BRANCH, .role = ROLE_OVERLAP}, {0}};
	static const struct quantity two_statuses[] = {STATUS("s"), STATUS("t"), {0}};
	static const struct quantity own_words[] = {
		{"s", NULL, "-", FLAG, PER_BRANCH, .role = ROLE_STATUS, .flags = words}, {0}};

	REFUSED(quantities, no_status, "no quantity with role status");
	REFUSED(quantities, own_words, "must have the flags status_flags");
	REFUSED(quantities, WITH_STATUS("s", NULL, "-", REAL, .per = PER_BRANCH), "two quantities s");
	REFUSED(quantities, two_statuses, "two quantities with role status");
	REFUSED(quantities, WITH_STATUS("m", NULL, NULL, REAL, .per = PER_BRANCH),
	        "quantity m needs a long_name");
	REFUSED(quantities, WITH_STATUS("x", NULL, "-", FLAG, .per = PER_BRANCH),
	        "quantity x needs a long_name, and flags");
	REFUSED(quantities, WITH_STATUS("m", NULL, "-", COUNT, PER_BRANCH, .role = ROLE_OVERLAP),
	        "quantity m has the wrong type for role overlap");
	REFUSED(quantities, WITH_STATUS("m", NULL, "-", REAL, 0, .role = ROLE_OVERLAP),
	        "quantity m with role overlap must be PER_BRANCH");
	REFUSED(quantities, WITH_STATUS("phase", NULL, "-", FLAG, 0, .role = ROLE_PHASE, .flags = words),
	        "quantity phase with role phase must state the kinds");
	REFUSED(quantities, WITH_STATUS("at", NULL, "-", REAL, PER_BRANCH, .role = ROLE_STABILITY),
	        "quantity at must state on which side of its threshold it is stable");
	REFUSED(quantities, WITH_STATUS("e", NULL, "-", REAL, PER_BRANCH, .role = ROLE_EIGENVALUE),
	        "quantity e must state on which side");
}
END_TEST

static int event(struct average *average, const struct params *p, double *value)
{
	(void)average;
	*value = p->T;
	return 0;
}

static int point(struct average *average, const struct params *p, double at[2])
{
	(void)average;
	at[0] = at[1] = p->T;
	return 0;
}

START_TEST(test_lines)
{
	static const struct transition neither[] = {{"line", .long_name = "-"}, {0}};
	static const struct transition both[] = {{"line", "-", .event = event, .point = point}, {0}};
	static const struct transition no_plane[] = {{"line", "-", .point = point}, {0}};
	static const struct transition half_plane[] = {
		{"line", "-", .point = point, .plane = {"T", "d"}}, {0}};
	static const struct transition good[] = {
		{"line", "-", .point = point, .plane = {"T", "J"}}, {0}};
	struct network network = third_network;
	char why[200];

	REFUSED(lines, neither, "line line must have either event or point");
	REFUSED(lines, both, "line line must have either event or point");
	REFUSED(lines, no_plane, "plane must name two parameters");
	REFUSED(lines, half_plane, "plane must name two parameters");
	network.lines = good;
	ck_assert_msg(network_validate(&network, why, sizeof why) == 0, "%s", why);
}
END_TEST

void suite_fill(Suite *suite)
{
	TCase *contract = suite_case(suite, "contract", 10);

	tcase_add_test(contract, test_good);
	tcase_add_test(contract, test_required);
	tcase_add_test(contract, test_parameters);
	tcase_add_test(contract, test_quantities);
	tcase_add_test(contract, test_lines);
}
