# SPDX-License-Identifier: Apache-2.0
# What the tests of the commands share. Each test has a folder of its own as its working
# directory, and no memory but the ones it makes there.
bats_require_minimum_version 1.5.0

ROOT=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
# Captures of others, which are not part of the project; a test without them is skipped.
CORPORA=${DWELL_CORPORA:-$ROOT/../shared/corpora}
DWELL=$(realpath -m "${DWELL:-$ROOT/build-test/dwell}")
TABLES="conn tunnel dns tls quic cert ocsp http file smtp ssh ot dhcp smb dce_rpc ntlm kerberos ntp snmp sip stun
	radius syslog vpn ldap rdp login ftp mailbox db mq socks rpc irc bittorrent anomaly watch decay
	finding cases"
export TZ=UTC LC_ALL=C.UTF-8
unset DWELL_MEMORY NO_COLOR

setup() {
	mkdir "$BATS_TEST_TMPDIR/here" && cd "$BATS_TEST_TMPDIR/here" || return 1
}

dwell() {
	"$DWELL" "$@"
}

# make OUT [OPTION]...: a capture of check-ins
make() {
	python3 "$ROOT/tests/case/make_pcap.py" "$@"
}

# scan MEMORY PATH...: must succeed
scan() {
	dwell scan --quiet -m "$@" >/dev/null
}

# scan_sample: what setup_file does in a file whose tests share one memory of the bundled sample
scan_sample() {
	scan "$BATS_FILE_TMPDIR/m" "$ROOT/tests/lab/sample"
}

# value MEMORY SQL: the one value that the SQL gives
value() {
	dwell query -m "$1" --format csv "$2" | tail -n 1 | tr -d '\r'
}

# rows MEMORY TABLE: its rows in one order, without what names the input
rows() {
	local without=""
	case $2 in watch | finding | cases) ;; *) without="EXCLUDE (source, source_offset)" ;; esac
	dwell query -m "$1" --format csv "SELECT * $without FROM $2 ORDER BY ALL"
}

# dump MEMORY: the rows of all tables that it has files of
dump() {
	for table in $TABLES; do
		[ -d "$1/$table" ] || continue
		echo "== $table"
		rows "$1" "$table" || return
	done
}

# fails STATUS COMMAND...: it ends with that status and says one line on standard error, kept
# in $stderr, and nothing on standard output
fails() {
	local status_wanted=$1
	shift
	run --separate-stderr -"$status_wanted" "$@"
	[ "$(printf '%s\n' "$stderr" | wc -l)" -eq 1 ] && [ -n "$stderr" ] && [ -z "$output" ]
}

# corpus PATH...: skip where the corpora are not here
corpus() {
	for path in "$@"; do
		[ -e "$CORPORA/$path" ] || skip "no corpora at $CORPORA"
	done
}

# findings DETECTOR COLUMNS: of the memory m, one line each
findings() {
	dwell query -m m --format csv "SELECT $2 FROM finding WHERE detector = '$1' ORDER BY ALL" | tail -n +2 | tr -d '\r'
}

# packets FILE: a capture that standard input describes
packets() {
	python3 "$ROOT/tests/case/make_packets.py" "$1"
}
