#!/bin/sh
# Python with its standard library alone, so that what is installed on a machine changes no test.
exec python3 -S "$@"
