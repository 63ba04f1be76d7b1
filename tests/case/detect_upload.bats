#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# dwell scan: data that leaves, in logs and captures.

load common

# conn TS SRC DST PORT OUT IN: a line of Zeek's conn.log
conn() {
	printf '%s\tC%s\t%s\t40000\t%s\t%s\ttcp\t-\t5.0\t%s\t%s\tSF\tT\tF\t0\tShADadFf\t9\t900\t9\t900\t-\n' \
		"$1" "$RANDOM$RANDOM" "$2" "$3" "$4" "$5" "$6"
}

head_of_log() {
	printf '#separator \\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tconn\n'
	printf '#fields\tts\tuid\tid.orig_h\tid.orig_p\tid.resp_h\tid.resp_p\tproto\tservice\tduration\torig_bytes'
	printf '\tresp_bytes\tconn_state\tlocal_orig\tlocal_resp\tmissed_bytes\thistory\torig_pkts'
	printf '\torig_ip_bytes\tresp_pkts\tresp_ip_bytes\ttunnel_parents\n'
	printf '#types\ttime\tstring\taddr\tport\taddr\tport\tenum\tstring\tinterval\tcount\tcount\tstring\tbool'
	printf '\tbool\tcount\tstring\tcount\tcount\tcount\tcount\tset[string]\n'
}

# browse DAYS: one host that gets 800 kB from each of four addresses a day
browse() {
	for day in $(seq 0 $(($1 - 1))); do
		for k in 1 2 3 4; do
			conn $((1672617600 + day * 86400 + 30000 + k * 900)) 10.0.0.5 198.51.100.$k 443 9000 800000
		done
	done
}

@test "upload: a pair that only sends, where the port is received on" {
	{ head_of_log; browse 2; conn 1672650000 10.0.0.5 192.0.2.66 443 60000000 40000; } >conn.log
	scan m conn.log
	[ "$(value m "SELECT confidence || ' ' || host || ' ' || peer FROM finding WHERE detector = 'upload'")" = \
		"medium 10.0.0.5 192.0.2.66" ]
	dwell cases -m m | grep -q "sent 60.0 MB to 192.0.2.66"
	dwell cases -m m --lang zh | grep -q "60.0 MB"
}

@test "upload: a day unlike forty others, dated" {
	{ head_of_log; browse 40; conn $((1672617600 + 35 * 86400 + 5000)) 10.0.0.5 192.0.2.66 443 400000000 40000; } >conn.log
	scan m conn.log
	[ "$(value m "SELECT since::DATE FROM finding WHERE detector = 'upload' AND facts LIKE '%\"burst\"%'")" = 2023-02-06 ]
}

@test "upload: weeks of browsing alone say nothing" {
	{ head_of_log; browse 40; } >conn.log
	scan m conn.log
	[ "$(value m "SELECT count(*) FROM finding WHERE detector = 'upload'")" = 0 ]
}

@test "upload: nothing sure on benign captures" {
	corpus benign
	for f in "$CORPORA"/benign/*; do
		scan m "$f"
	done
	[ "$(value m "SELECT count(*) FROM finding WHERE detector = 'upload' AND confidence = 'high'")" = 0 ]
}

@test "upload: what a stealer mails, and puts on a server" {
	corpus exfil
	scan m "$CORPORA/exfil/a30789ce-1e1c-4f96-a097-78c34b9fb612.pcap"
	scan n "$CORPORA/exfil/f9421792-7d2c-47d3-90e0-07eb54ae12fa.pcap"
	[ "$(value m "SELECT host || ' ' || peer || ' ' || peer_port FROM finding WHERE detector = 'upload'")" = \
		"192.168.100.40 43.255.154.57 587" ]
	[ "$(value n "SELECT host || ' ' || peer || ' ' || peer_port FROM finding WHERE detector = 'upload'")" = \
		"192.168.100.164 143.95.79.226 21" ]
}
