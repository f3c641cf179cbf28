# What the scripts of ci/ share; sourced by them, from the root of the checkout.
# shellcheck shell=bash

say() { echo "$(basename "$0"): $*" >&2; }

# usage: what the script says of itself at its head, wherever it was called from.
usage() { sed -n '2,/^set/s/^# \{0,1\}//p' "ci/$(basename "$0")"; }

# Can this run install Debian packages?
can_install() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; }

# install_packages PACKAGE…: Debian packages, without starting any service they bring along.
install_packages() {
  local policy=/usr/sbin/policy-rc.d ours='' log code=0
  say "installing $*"
  log=$(mktemp)
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
    ours=yes
  fi
  {
    if [ -z "${GREFFE_APT_UPDATED:-}" ]; then apt-get update -q && GREFFE_APT_UPDATED=yes; fi
    DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y -q --no-install-recommends "$@"
  } >"$log" 2>&1 || {
    tail -n 20 "$log" >&2
    code=1
  }
  rm -f "$log" ${ours:+"$policy"}
  return "$code"
}

# need COMMAND PACKAGE…: install the packages unless the command is there; false if they cannot be.
need() {
  local command=$1
  shift
  if PATH=$PATH:/usr/sbin:/sbin command -v "$command" >/dev/null; then return 0; fi
  can_install && install_packages "$@"
}

# need_php: what runs a real Moodle.
need_php() { need php php-cli php-mysql php-pgsql php-xml php-mbstring php-curl php-gd php-intl php-zip php-soap; }

# need_postgresql: Debian's servers, which stand outside PATH, without the cluster that a fresh installation makes and starts.
need_postgresql() {
  if compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null || command -v postgres >/dev/null; then return 0; fi
  can_install || return 1
  mkdir -p /etc/postgresql-common
  echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.conf
  install_packages postgresql
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

# make_venv DIRECTORY EXTRA: an environment with Greffe and that extra, compiled as an installed Greffe is: where
# PYTHONDONTWRITEBYTECODE is set, every command would compile it again, which takes longer than a small night.
make_venv() {
  bring_up_to_date "$@"
  "$1/bin/python" -m compileall -q engine/greffe
}

# bring_up_to_date DIRECTORY EXTRA: install again when pyproject.toml changes, and anew where the checkout was moved or copied,
# since the programs of an environment name the place where they were installed.
bring_up_to_date() {
  local venv=$1 extra=$2 python mark
  mark=$(cksum pyproject.toml; pwd)
  if [ "$(cat "$venv/greffe-mark" 2>/dev/null)" = "$mark" ]; then return 0; fi
  if [ -f "$venv/greffe-mark" ] && [ "$(sed -n 2p "$venv/greffe-mark")" != "$PWD" ]; then rm -rf "$venv"; fi
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
