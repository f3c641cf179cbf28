# What the scripts of ci/ share; sourced by them, from the root of the checkout.
# shellcheck shell=bash

say() { echo "$(basename "$0"): $*" >&2; }

# Can this run install Debian packages?
can_install() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; }

# install_packages PACKAGE…: Debian packages, without starting any service they bring along.
install_packages() {
  local policy=/usr/sbin/policy-rc.d ours=
  say "installing $*"
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
    ours=yes
  fi
  {
    if [ -z "${GREFFE_APT_UPDATED:-}" ]; then apt-get update -q && GREFFE_APT_UPDATED=yes; fi
    DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y -q --no-install-recommends "$@"
  } >"${TMPDIR:-/tmp}/greffe-apt.log" 2>&1 || {
    tail -n 20 "${TMPDIR:-/tmp}/greffe-apt.log" >&2
    [ -z "$ours" ] || rm -f "$policy"
    return 1
  }
  [ -z "$ours" ] || rm -f "$policy"
}

# need COMMAND PACKAGE…: install the packages unless the command is there; false if it still is not.
need() {
  local command=$1
  shift
  if PATH=$PATH:/usr/sbin:/sbin command -v "$command" >/dev/null; then return 0; fi
  can_install && install_packages "$@"
}

# find_python: the first Python that is new enough.
find_python() {
  local python
  for python in python3.11 python3 python3.12 python3.13 python3.14; do
    if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      echo "$python"
      return 0
    fi
  done
  say "Python 3.11 or newer is needed"
  return 1
}

# build_needs: what pip builds python-ldap with, which comes as source alone.
build_needs() {
  if [ -e /usr/include/ldap.h ] && [ -e /usr/include/sasl/sasl.h ] && command -v cc >/dev/null; then return 0; fi
  can_install || { say "building python-ldap takes a C compiler and the headers of OpenLDAP and SASL"; return 1; }
  install_packages gcc libc6-dev libldap-dev libsasl2-dev python3-dev
}

# make_venv DIRECTORY EXTRA: an environment with Greffe and that extra, made anew only when pyproject.toml changes.
make_venv() {
  local venv=$1 extra=$2 python mark
  mark=$(cksum pyproject.toml; pwd)
  if [ "$(cat "$venv/greffe-mark" 2>/dev/null)" = "$mark" ]; then return 0; fi
  python=$(find_python)
  say "making $venv"
  if [ ! -x "$venv/bin/pip" ]; then
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
      can_install || { say "$python has no venv: install python3-venv"; return 1; }
      install_packages python3-venv
    fi
    rm -rf "$venv"
    "$python" -m venv "$venv"
  fi
  case $extra in *test*) build_needs ;; esac
  "$venv/bin/pip" install --quiet --disable-pip-version-check --editable ".[$extra]"
  echo "$mark" >"$venv/greffe-mark"
}
