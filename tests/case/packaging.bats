#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What the packages are made with. Building one takes minutes: packaging/check does, twice.
load common

# completes WORD...: what the shell proposes for the last of them
completes() {
	PATH="$BATS_TEST_TMPDIR/bin:$PATH" bash -c '. "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
		_dwell; printf "%s\n" "${COMPREPLY[@]}"' - "$ROOT/packaging/completion.bash" "$@"
}

setup_program() {
	mkdir -p "$BATS_TEST_TMPDIR/bin"
	ln -sf "$DWELL" "$BATS_TEST_TMPDIR/bin/dwell"
}

@test "completion: proposes every command, and the options of one" {
	setup_program
	[ "$(completes dwell sc)" = scan ]
	commands=$(dwell help | sed -n 's/^  \([a-z]*\) .*/\1/p' | sort)
	[ "$(completes dwell '' | grep -v '^--' | sort)" = "$commands" ]
	[ "$(completes dwell scan --budg)" = --budget ]
	[ "$(completes dwell scan --lan)" = --lang ]
}

@test "the list of parts (SPDX): what it must hold, and the same for the same input" {
	mkdir -p root/usr/bin root/usr/lib/dwell
	echo program >root/usr/bin/dwell
	echo engine >root/usr/lib/dwell/libduckdb.so
	export SOURCE_DATE_EPOCH=1700000000
	"$ROOT/packaging/sbom" 1.2.3 amd64 root "libc6 (>= 2.35), zlib1g" >a.json
	"$ROOT/packaging/sbom" 1.2.3 amd64 root "libc6 (>= 2.35), zlib1g" >b.json
	cmp a.json b.json
	python3 - <<-'EOT'
		import hashlib, json
		d = json.load(open("a.json"))
		assert d["spdxVersion"] == "SPDX-2.3" and d["dataLicense"] == "CC0-1.0"
		assert d["creationInfo"]["created"] == "2023-11-14T22:13:20Z"
		parts = {p["name"]: p for p in d["packages"]}
		assert set(parts) == {"dwell", "duckdb", "libc6", "zlib1g"}
		want = hashlib.sha256(b"engine\n").hexdigest()
		assert parts["duckdb"]["checksums"][0]["checksumValue"] == want
		ids = {p["SPDXID"] for p in d["packages"]} | {"SPDXRef-DOCUMENT"}
		for r in d["relationships"]:
		    assert r["spdxElementId"] in ids and r["relatedSpdxElement"] in ids
	EOT
}

@test "the installer without network: refuses files that are not those that were bundled" {
	[ "$(id -u)" = 0 ] || skip "the installer wants root"
	cp "$ROOT/packaging/bundle/install" .
	echo other >dwell_1_amd64.deb
	echo "$(printf x | sha256sum | cut -d' ' -f1)  dwell_1_amd64.deb" >SHA256SUMS
	run ./install
	[ "$status" = 1 ]
	[[ $output == *"nothing was installed"* ]]
}

@test "building a package: a wrong option is exit 2 and a line" {
	run "$ROOT/packaging/build" --wrong
	[ "$status" = 2 ]
	[[ $output == *"no option '--wrong'"* ]]
}
