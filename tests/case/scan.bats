#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What a scan reads, what it adds and what it does not, and what it says of what it can not read.
load common

connections() {
	value "$1" "SELECT count(*) FROM conn"
}

@test "a capture: its connections are in the memory, as they were on the wire" {
	make a.pcap --count 5 --gap 3600
	run -0 --separate-stderr dwell scan -m m a.pcap
	[[ $stderr == *"read 1 capture: 50 packets, 5 connections"* ]]
	run -0 dwell query -m m --format csv "
		SELECT ts, src_ip, dst_ip, dst_port, proto, service, src_packets, dst_packets, state,
		    history, server_name, source, source_offset FROM conn ORDER BY ts LIMIT 1"
	line=${lines[1]%$'\r'}
	[ "$line" = "2025-01-01T00:00:00.000000Z,10.1.1.5,203.0.113.9,80,tcp,http,6,4,SF,ShADadFf,updates.example,a.pcap,24" ]
	[ "$(value m "SELECT count(*) FROM http WHERE method = 'GET' AND uri = '/news' AND status = 200")" = 5 ]
	[ "$(value m "SELECT sum(packets) FROM watch")" = 50 ]
}

@test "pcapng tells the same as pcap" {
	make a.pcap
	make a.pcapng --pcapng
	scan one a.pcap
	scan two a.pcapng
	[ "$(dump one)" = "$(dump two)" ]
	[ "$(connections two)" = 5 ]
}

@test "gzip, zstd and xz tell the same as plain, in files and from standard input" {
	make a.pcap
	gzip -k a.pcap && zstd -q a.pcap && xz -k a.pcap
	scan plain a.pcap
	for packed in a.pcap.gz a.pcap.zst a.pcap.xz; do
		scan "file-$packed" "$packed"
		scan "pipe-$packed" - <"$packed"
		[ "$(dump plain)" = "$(dump "file-$packed")" ]
		[ "$(dump plain)" = "$(dump "pipe-$packed")" ]
	done
}

@test "the same bytes again add nothing: same file, renamed, compressed, linked, piped" {
	make a.pcap
	scan m a.pcap
	before=$(dump m)
	cp a.pcap renamed.cap && gzip -k a.pcap && ln -s a.pcap link.pcap && mkdir in && cp a.pcap in
	for again in a.pcap renamed.cap a.pcap.gz link.pcap in; do
		run -0 --separate-stderr dwell scan -m m "$again"
		[[ $stderr == *"read 0 captures"* && $stderr == *"nothing added twice"* ]]
		[ "$(dump m)" = "$before" ]
	done
	scan m - <a.pcap
	scan m - <a.pcap.gz
	[ "$(dump m)" = "$before" ]
}

@test "the same bytes twice in one command add nothing twice" {
	make a.pcap
	cp a.pcap b.pcap && xz -k b.pcap
	scan one a.pcap
	scan two a.pcap b.pcap b.pcap.xz a.pcap
	[ "$(dump one)" = "$(dump two)" ]
	scan three - a.pcap <b.pcap
	[ "$(dump one)" = "$(dump three)" ]
}

@test "standard input that is known, beside a file that is new" {
	make a.pcap
	make b.pcap --begin 1736000000
	scan m a.pcap
	scan m - b.pcap <a.pcap
	[ "$(connections m)" = 10 ]
	scan both a.pcap b.pcap
	[ "$(rows m conn)" = "$(rows both conn)" ] && [ "$(rows m http)" = "$(rows both http)" ]
}

@test "pipes are read as standard input is: known bytes are not added again" {
	make a.pcap --count 500 --gap 60
	[ "$(stat -c %s a.pcap)" -gt 400000 ]
	scan one a.pcap
	scan pipe <(cat a.pcap)
	[ "$(dump one)" = "$(dump pipe)" ]
	scan pipe <(cat a.pcap)
	scan pipe a.pcap
	[ "$(dump one)" = "$(dump pipe)" ]
	scan both a.pcap <(cat a.pcap)
	[ "$(dump one)" = "$(dump both)" ]
	# What can not be read twice, beside what must be left out: nothing is done by halves.
	make b.pcap --begin 1760000000
	fails 2 dwell scan --quiet -m pipe <(cat a.pcap) <(cat b.pcap)
	[[ $stderr == *"scan one after the other"* ]]
	[ "$(dump one)" = "$(dump pipe)" ]
	fails 2 dwell scan --quiet -m two <(cat a.pcap) <(cat a.pcap)
}

@test "a folder: all captures in any depth; what is no capture is passed over" {
	mkdir -p in/deeper/still
	make in/a.pcap --count 2
	make in/deeper/still/b.pcap --count 3 --begin 1736000000
	echo "no capture" >in/README
	: >in/empty
	run -0 --separate-stderr dwell scan -m m in
	[[ $stderr == *"read 2 captures: 50 packets, 5 connections"* ]]
	[ "$(connections m)" = 5 ]
}

@test "an empty folder is no error, and the memory says that it is empty" {
	mkdir in
	run -0 dwell scan --quiet -m m in
	[[ $output == *"memory is empty"* ]]
	run -0 dwell cases -m m
	[[ $output == *"memory is empty"* ]]
}

@test "a capture rotated over files, named in any order, is one capture" {
	make whole.pcap --count 9
	make part --count 9 --split 7
	scan one whole.pcap
	scan many part.3 part.0 part.6 part.2 part.5 part.1 part.4
	[ "$(connections many)" = 9 ]
	[ "$(dump one)" = "$(dump many)" ]
	mkdir in && mv part.? in
	scan folder in
	[ "$(dump one)" = "$(dump folder)" ]
	[ "$(value many "SELECT count(DISTINCT source) FROM conn")" -gt 1 ]
}

@test "two sensors' captures of one time are merged, and each row says whose it is" {
	make a.pcap --count 4 --src 10.1.1.5
	make b.pcap --count 4 --src 10.1.1.6 --begin 1735689600.5
	scan m --sensor north a.pcap
	scan m --sensor south b.pcap
	[ "$(value m "SELECT count(*) FROM conn WHERE sensor = 'north' AND src_ip = '10.1.1.5'")" = 4 ]
	[ "$(value m "SELECT count(*) FROM conn WHERE sensor = 'south' AND src_ip = '10.1.1.6'")" = 4 ]
}

@test "a capture cut short: exit 3, file, offset and reason; all before the cut is kept" {
	make a.pcap --count 5
	head -c 3000 a.pcap >cut.pcap
	run -3 --separate-stderr dwell scan --quiet -m m cut.pcap
	[[ $stderr =~ cut\.pcap:\ byte\ ([0-9]+):\ .+ ]]
	offset=${BASH_REMATCH[1]}
	# The offset is where the record that is not whole begins.
	[ "$offset" -le 3000 ] && [ "$offset" -gt 2800 ]
	[ "$(printf '%s\n' "$stderr" | wc -l)" -eq 1 ]
	kept=$(connections m)
	[ "$kept" -ge 3 ] && [ "$kept" -le 4 ]
	# The same on a memory that holds something already.
	make b.pcap --count 5 --begin 1736000000
	scan n b.pcap
	run -3 dwell scan --quiet -m n cut.pcap
	[ "$(connections n)" = $((5 + kept)) ]
}

@test "a cut compressed capture: exit 3, and the frames before the cut are kept" {
	make a.pcap --count 200
	for packer in gzip zstd xz; do
		$packer -c a.pcap >whole.$packer
		head -c $(($(stat -c %s whole.$packer) - 200)) whole.$packer >cut.$packer
		run -3 --separate-stderr dwell scan --quiet -m m.$packer cut.$packer
		[[ $stderr == *"cut.$packer: byte "*": "*"ends too early"* ]]
	done
	[ "$(connections m.gzip)" -gt 0 ]
}

@test "a damaged capture: exit 3; the frames before the damage are kept, and other files whole" {
	make a.pcap --count 5
	make b.pcap --count 5 --begin 1736000000
	# The captured length of the 21st record becomes 0xffffffff.
	python3 - <<-'PYTHON'
		import struct
		data, at = bytearray(open("a.pcap", "rb").read()), 24
		for _ in range(20):
		    at += 16 + struct.unpack_from("<I", data, at + 8)[0]
		data[at + 8:at + 12] = b"\xff" * 4
		open("a.pcap", "wb").write(data)
		open("offset", "w").write(str(at))
	PYTHON
	run -3 --separate-stderr dwell scan --quiet -m m a.pcap b.pcap
	[[ $stderr == *"a.pcap: byte $(cat offset): "* ]]
	[ "$(value m "SELECT count(*) FROM conn WHERE source = 'a.pcap'")" = 2 ]
	[ "$(value m "SELECT count(*) FROM conn WHERE source = 'b.pcap'")" = 5 ]
}

@test "a cut capture that is whole later: its own bytes are new, the cut ones are not again" {
	make a.pcap --count 5
	head -c 3000 a.pcap >cut.pcap
	run -3 dwell scan --quiet -m m cut.pcap
	before=$(connections m)
	run dwell scan --quiet -m m cut.pcap
	[ "$(connections m)" = "$before" ]
}

@test "a file that is no capture: exit 3 when it is named" {
	echo "no capture" >text
	run -3 --separate-stderr dwell scan --quiet -m m text
	[[ $stderr == "dwell: text: byte 0: not a capture"* ]]
	: >empty.pcap
	run -3 --separate-stderr dwell scan --quiet -m m empty.pcap
	[[ $stderr == "dwell: empty.pcap: byte 0: it is empty" ]]
	run -3 --separate-stderr dwell scan --quiet -m m - </dev/null
	[[ $stderr == "dwell: -: byte 0: it is empty" ]]
}

@test "a missing file: exit 3, its name and the reason; the others are read" {
	make a.pcap
	run -3 --separate-stderr dwell scan --quiet -m m nowhere.pcap a.pcap
	[[ $stderr == *"nowhere.pcap: "*"No such file"* ]]
	[ "$(connections m)" = 5 ]
}

@test "--exit-code: 1 when there are findings, 0 when there are none; 3 goes before 1" {
	make rhythm.pcap --count 60 --jitter 0.2
	make alone.pcap --count 1
	dwell scan --quiet -m none --exit-code alone.pcap
	run -1 dwell scan --quiet -m some --exit-code rhythm.pcap
	run -0 dwell scan --quiet -m some rhythm.pcap
	run -1 dwell cases -m some --exit-code
	run -0 dwell cases -m none --exit-code
	run -0 dwell cases -m some
	head -c 20000 rhythm.pcap >cut.pcap
	run -3 dwell scan --quiet -m some --exit-code cut.pcap
}

@test "\$DWELL_MEMORY is the memory, -m goes before it, and ./memory is the last resort" {
	make a.pcap
	DWELL_MEMORY=$PWD/of-environment dwell scan --quiet a.pcap >out
	[ "$(connections of-environment)" = 5 ]
	DWELL_MEMORY=$PWD/nowhere dwell scan --quiet -m of-option a.pcap >out
	[ "$(connections of-option)" = 5 ] && [ ! -e nowhere ]
	dwell scan --quiet a.pcap >out
	[ "$(connections memory)" = 5 ]
	[ "$(DWELL_MEMORY=$PWD/of-option dwell query --format csv 'SELECT count(*) FROM conn' |
		tail -n 1 | tr -d '\r')" = 5 ]
}

@test "--quiet leaves warnings; without it notes go to standard error, never to standard output" {
	make a.pcap
	run -0 --separate-stderr dwell scan --quiet -m m a.pcap
	[ -z "$stderr" ]
	quiet=$output
	rm -r m
	run -0 --separate-stderr dwell scan -m m a.pcap
	[ -n "$stderr" ]
	[ "$output" = "$quiet" ]
	[[ $stderr != *$'\r'* && $stderr != *$'\033'* ]]
}

@test "names of files are clean where they are shown and where they are stored" {
	hostile=$'a\033[31m\nb.pcap'
	run -3 --separate-stderr dwell scan --quiet -m m "$hostile"
	[[ $stderr != *$'\033'* && $stderr == *'\x1b[31m\x0ab.pcap'* ]]
	[ "$(printf '%s\n' "$stderr" | wc -l)" -eq 1 ]
	make "$hostile"
	scan m "$hostile"
	[ "$(value m "SELECT DISTINCT source FROM conn")" = 'a\x1b[31m\x0ab.pcap' ]
}

@test "names of files that are no UTF-8 are read" {
	make a.pcap
	cp a.pcap $'a\xff.pcap'
	scan m $'a\xff.pcap'
	[ "$(value m "SELECT DISTINCT source FROM conn")" = 'a\xff.pcap' ]
}
