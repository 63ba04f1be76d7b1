#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# doc/sql.md: every statement in it runs on the bundled sample.
load common

setup_file() {
	load common
	scan_sample
}

setup() {
	mkdir "$BATS_TEST_TMPDIR/here" && cd "$BATS_TEST_TMPDIR/here" || return 1
	export DWELL_MEMORY=$BATS_FILE_TMPDIR/m
}

@test "sql.md: every statement runs, and most have rows here" {
	python3 - "$ROOT/doc/sql.md" <<-'PYTHON'
		import re, sys
		text = open(sys.argv[1], encoding="utf-8").read()
		for i, sql in enumerate(re.findall(r"```sql\n(.*?)```", text, re.S)):
		    open(f"{i:02}.sql", "w").write(sql)
	PYTHON
	[ "$(ls ./*.sql | wc -l)" -ge 25 ]
	empty=0
	for file in *.sql; do
		dwell query --format csv "$(cat "$file")" >rows || { cat "$file"; false; }
		[ "$(wc -l <rows)" -gt 1 ] || { empty=$((empty + 1)); cat "$file"; }
	done
	[ $empty -le 5 ]
}

@test "sql.md: the answers are those of the plain rows" {
	# Since when, and how much, by the roll-ups and by the connections.
	dwell query --format csv "SELECT src_ip, min(first_seen), sum(connections), sum(src_bytes) FROM pair_year_by_dst WHERE dst_ip = '192.0.2.77' GROUP BY src_ip" | tail -n +2 >a
	dwell query --format csv "SELECT src_ip, min(ts), count(*), sum(src_bytes) FROM conn WHERE dst_ip = '192.0.2.77' GROUP BY src_ip" | tail -n +2 >b
	diff a b
	dwell query --format csv "SELECT host, connections, peers, days_active, bytes_out FROM hosts ORDER BY host" | tail -n +2 >a
	dwell query --format csv "
		WITH e AS (SELECT src_ip AS host, dst_ip AS peer, day, src_bytes AS out FROM conn
		           UNION ALL SELECT dst_ip, src_ip, day, dst_bytes FROM conn WHERE dst_packets > 0)
		SELECT host, count(*), count(DISTINCT peer), count(DISTINCT day), sum(out) FROM e
		WHERE is_home(host) GROUP BY host ORDER BY host" | tail -n +2 >b
	diff a b
	dwell query --format csv "SELECT peer, hosts, connections, bytes_out, bytes_in FROM peers ORDER BY peer" | tail -n +2 >a
	dwell query --format csv "
		WITH e AS (SELECT src_ip AS host, dst_ip AS peer, src_bytes AS o, dst_bytes AS i FROM conn
		           UNION ALL SELECT dst_ip, src_ip, dst_bytes, src_bytes FROM conn)
		SELECT peer, count(DISTINCT host), count(*), sum(o), sum(i) FROM e
		WHERE is_home(host) AND NOT is_home(peer) GROUP BY peer ORDER BY peer" | tail -n +2 >b
	diff a b
	[ -s a ]
}

@test "views and functions are there in an empty memory, and after a commit by another" {
	mkdir in
	scan m in
	for view in hosts peers names mute; do
		[ "$(value m "SELECT count(*) FROM $view")" = 0 ]
	done
	run -0 dwell query -m m --format csv "SHOW TABLES"
	for view in hosts peers names mute; do
		[[ $output == *"$view"* ]]
	done
	make a.pcap --count 3
	scan m a.pcap
	[ "$(value m "SELECT count(*) FROM hosts")" -ge 1 ]
}

@test "a wrong network in in_net: exit 2 and one line that names it" {
	fails 2 dwell query "SELECT in_net(src_ip, '10.0.0.0/99') FROM conn"
	[[ $stderr == *"10.0.0.0/99"* ]]
}

@test "Community IDs are those that tshark gives to the same packets" {
	command -v tshark >/dev/null || skip "tshark is not installed"
	xz -dc "$ROOT/tests/lab/sample/hq-2025-09.pcap.xz" >sample.pcap
	tshark -r sample.pcap -o "ip.defragment:TRUE" --enable-protocol communityid \
		-T fields -e communityid 2>/dev/null | tr ',' '\n' | sort -u | sed '/^$/d' >theirs
	[ -s theirs ] || skip "this tshark has no Community ID"
	scan m sample.pcap
	dwell query -m m --format csv "SELECT DISTINCT community_id(src_ip, dst_ip, src_port, dst_port, proto) AS id FROM conn ORDER BY id" |
		tail -n +2 | tr -d '\r' | sort -u >ours
	diff ours theirs
}
