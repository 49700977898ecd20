# Macros with which configure finds libraries.  SPDX-License-Identifier: GPL-3.0-or-later

# MATTIS_TRY(VAR, CFLAGS, LIBS, INCLUDE, EXPRESSION)
# Keeps the flags as VAR_CFLAGS and VAR_LIBS if a program with them links, and sets have_VAR.
AC_DEFUN([MATTIS_TRY], [
	mattis_cppflags=$CPPFLAGS mattis_libs=$LIBS
	CPPFLAGS="$CPPFLAGS $2" LIBS="$3 $LIBS"
	AC_LINK_IFELSE([AC_LANG_PROGRAM([$4], [(void)$5])],
		[have_$1=yes $1_CFLAGS="$2" $1_LIBS="$3"])
	CPPFLAGS=$mattis_cppflags LIBS=$mattis_libs
])

# MATTIS_WRAPPER(VAR, WRAPPERS, INCLUDE, EXPRESSION)
# Asks a compiler wrapper (mpicc, h5cc) for its flags.
AC_DEFUN([MATTIS_WRAPPER], [
	for mattis_wrapper in $2; do
		test "$have_$1" = yes && break
		mattis_cflags= mattis_link=
		for mattis_word in `$mattis_wrapper -show 2>/dev/null`; do
			case $mattis_word in
			-I*|-D*) mattis_cflags="$mattis_cflags $mattis_word" ;;
			-L*|-l*|-Wl,*|-pthread|*.a|*.so) mattis_link="$mattis_link $mattis_word" ;;
			esac
		done
		AS_IF([test -n "$mattis_link"],
			[MATTIS_TRY([$1], [$mattis_cflags], [$mattis_link], [$3], [$4])])
	done
])

# MATTIS_PACKAGE(VAR, MODULES, INCLUDE, EXPRESSION)
# Asks pkg-config for the flags, for one of the modules.
AC_DEFUN([MATTIS_PACKAGE], [
	for mattis_module in $2; do
		test "$have_$1" = yes && break
		if $PKG_CONFIG --exists $mattis_module 2>/dev/null; then
			mattis_cflags=`$PKG_CONFIG --cflags $mattis_module`
			mattis_link=`$PKG_CONFIG --libs $mattis_module`
			MATTIS_TRY([$1], [$mattis_cflags], [$mattis_link], [$3], [$4])
		fi
	done
])

# MATTIS_LIBRARY(VAR, NAME, PACKAGE, MODULES, WRAPPERS, LIBS, INCLUDE, EXPRESSION)
# Looks for a library with the flags VAR_CFLAGS and VAR_LIBS if the user set them; otherwise by pkg-config, by
# compiler wrappers and in the default locations.  Sets have_VAR.  PACKAGE is Debian's name for it.
AC_DEFUN([MATTIS_LIBRARY], [
	AC_ARG_VAR([$1_CFLAGS], [compiler flags for $2, instead of looking for it])
	AC_ARG_VAR([$1_LIBS], [linker flags for $2, instead of looking for it])
	AC_MSG_CHECKING([for $2])
	have_$1=no
	AS_IF([test -n "$$1_LIBS$$1_CFLAGS"], [MATTIS_TRY([$1], [$$1_CFLAGS], [$$1_LIBS], [$7], [$8])], [
		m4_ifval([$4], [MATTIS_PACKAGE([$1], [$4], [$7], [$8])])
		m4_ifval([$5], [MATTIS_WRAPPER([$1], [$5], [$7], [$8])])
		AS_IF([test "$have_$1" = no], [MATTIS_TRY([$1], [], [$6], [$7], [$8])])
	])
	AC_MSG_RESULT([$have_$1])
])

# MATTIS_NEED(the same arguments)
# Looks for a required library; if it is not found, adds it to the lists `missing` and `packages`.
AC_DEFUN([MATTIS_NEED], [
	MATTIS_LIBRARY($@)
	AS_IF([test "$have_$1" = no], [missing="$missing $2," packages="$packages $3"])
])
