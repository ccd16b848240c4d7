# shellcheck shell=bash disable=SC2154,SC2034
# The stage of one test, sourced by bash as root in a mount namespace of the test's own: what is mounted here nobody
# else sees, so tests run beside each other with different recorders, configurations and missing parts.
#
# From the test: $dir (a directory of the test's own), $recorder (steno or stock), $person and $other (whose login shell
# is the recorder), $configuration (the text of /etc/tlog/tlog-rec-session.conf).

session=/usr/bin/tlog-rec-session

# The recorder's own files go to $dir/log, the person's to $dir/out.
# $patience is how long a terminal may take, in seconds: short where stock tlog is known to hang.
case $recorder in
  steno) recorder_user=steno-rec patience=300 ;;
  stock) recorder_user=_tlog patience=8 ;;
esac
mkdir -p "$dir"
chmod 755 "$dir"
install -d -m 700 -o "$recorder_user" "$dir/log"
install -d -m 777 "$dir/out"

# Puts the file or directory $1 in the place of $2, in this test only.
replace() { mount --bind "$1" "$2"; }

# Makes the directory $1 appear empty.
hide() { mount -t tmpfs -o mode=755 hidden "$1"; }

# Words for a command as one of the test's people, without a login: `$as_person $session -c ...`.
as_person="inherit user=$(id -u "$person") --"
as_other="inherit user=$(id -u "$other") --"

# Ends every process of the test's people.
cleanup() { pkill -KILL -u "$person,$other" || true; }
trap cleanup EXIT

# A recorder of which nothing is known to be running: stock tlog's locks are named for the audit session, and all
# callers without one would share theirs with the other tests.
if [ "$recorder" = stock ]; then
  replace /usr/bin/stock-tlog-rec-session $session
  replace /usr/lib/steno-tests/stock.default.conf /usr/share/tlog/tlog-rec-session.default.conf
  hide /run/tlog
  chown _tlog /run/tlog
fi
printf '%s\n' "$configuration" >"$dir/configuration"
replace "$dir/configuration" /etc/tlog/tlog-rec-session.conf

# Installs a copy of the recorder with owner $1 and mode $2 for this test.
install_recorder() {
  cp $session "$dir/recorder"
  chown "$1" "$dir/recorder"
  chmod "$2" "$dir/recorder"
  replace "$dir/recorder" $session
}

# A journald of this test's own, which it may stop; its process is $journald.
own_journald() {
  local name=t${dir##*/}
  printf '[Journal]\nStorage=volatile\nRateLimitBurst=0\n' >"/run/systemd/journald@$name.conf"
  /lib/systemd/systemd-journald "$name" </dev/null >/dev/null 2>&1 &
  journald=$!
  eventually test -S "/run/systemd/journal.$name/socket"
  replace "/run/systemd/journal.$name" /run/systemd/journal
  journal_directory=/run/log/journal/$(cat /etc/machine-id).$name
}

# A rsyslogd of this test's own behind /dev/log, which writes what it gets to $dir/syslog, the priority before it.
own_rsyslogd() {
  hide /run/systemd/journal
  cat >"$dir/rsyslog.conf" <<END
global(maxMessageSize="128k" workDirectory="$dir")
module(load="imuxsock" SysSock.Use="off")
input(type="imuxsock" Socket="/run/systemd/journal/dev-log" RateLimit.Interval="0")
template(name="plain" type="string" string="%syslogfacility-text%.%syslogseverity-text% %syslogtag%%msg%\n")
action(type="omfile" file="$dir/syslog" template="plain")
END
  rsyslogd -n -iNONE -f "$dir/rsyslog.conf" </dev/null >"$dir/rsyslogd" 2>&1 &
  rsyslogd=$!
  eventually test -S /run/systemd/journal/dev-log
}

# 300 000 bytes: some of every kind, and more text, which is quicker to read back from a recording.
content() {
  head -c 10000 /dev/urandom
  head -c 217500 /dev/urandom | base64 -w 0
}

# Waits until the command given as arguments succeeds: as long as $patience, then it fails.
eventually() {
  local end=$((SECONDS + patience))
  while [ $SECONDS -lt $end ]; do
    "$@" && return
    sleep 0.02
  done
  echo "never: $*" >&2
  return 1
}
