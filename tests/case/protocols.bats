#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Protocols of which there are few captures, as real programs speak them (tests/lab/record-protocols).

load common

setup_file() {
	for name in dot rlogin amqp1 nfs4; do
		scan "$BATS_FILE_TMPDIR/$name" "$ROOT/tests/lab/protocols/$name.pcap.xz"
	done
}

# rows NAME SQL: what it gives of that capture, without the head
rows() {
	dwell query -m "$BATS_FILE_TMPDIR/$1" --format csv "$2" | tail -n +2 | tr -d '\r'
}

@test "DNS over TLS: the service says so, on both connections" {
	[ "$(rows dot "SELECT service, count(*) FROM conn GROUP BY 1")" = '"ssl,dot",2' ]
	[ "$(rows dot "SELECT sni, alpn, established FROM tls WHERE sni IS NOT NULL")" = dns.lab.example,dot,true ]
}

@test "rlogin: who is refused, from where, on what terminal; the password nowhere" {
	[ "$(rows rlogin 'SELECT protocol, "user", mechanism, success, status, client, target FROM login')" = \
		'rlogin,anna,password,false,Authentication failure,root,vt100/38400' ]
	[ "$(rows rlogin "SELECT service FROM conn")" = rlogin ]
	run ! grep -rq wrong "$BATS_FILE_TMPDIR/rlogin"
}

@test "AMQP 1.0: a logon without a name, three messages to a queue" {
	[ "$(rows amqp1 "SELECT mechanism, success FROM login")" = anonymous,true ]
	[ "$(rows amqp1 "SELECT command, count(*), sum(payload_bytes) FROM mq WHERE list_contains(topics, 'orders') GROUP BY 1 ORDER BY 1")" = \
		"attach,1,0
transfer,3,60" ]
}

@test "NFS 4: operations of a compound, files by name, bytes read" {
	[ "$(rows nfs4 "SELECT procedure, operations, file FROM rpc WHERE file = 'numbers.txt'")" = \
		'open,putfh getattr access open getfh,numbers.txt' ]
	[ "$(rows nfs4 "SELECT sum(bytes_read) FROM rpc")" = 692 ]
	[ "$(rows nfs4 "SELECT count(*) FROM rpc WHERE status = 'accepted' AND version = 4")" = "$(rows nfs4 "SELECT count(*) FROM rpc")" ]
	[ "$(rows nfs4 "SELECT DISTINCT service FROM conn")" = '"rpc,nfs"' ]
}
